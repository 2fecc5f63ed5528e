"""Texts of a list that remember the value behind them, so that a file of the list holds numbers and days."""

from datetime import date, datetime
from decimal import Decimal
from typing import Self

from django.utils.safestring import SafeString


class AmountText(SafeString):
    """An amount as it is shown, with the amount and its currency. None: it cannot be read."""

    amount: Decimal | None
    currency: str

    @classmethod
    def of(cls, html: SafeString, amount: Decimal | None, currency: str) -> Self:
        text = cls(html)
        text.amount, text.currency = amount, currency
        return text


class FigureText(SafeString):
    """A number that is no amount, as it is shown, with the number."""

    figure: object

    @classmethod
    def of(cls, html: SafeString, figure: object) -> Self:
        text = cls(html)
        text.figure = figure
        return text


class DayText(str):
    """A day as it is shown, with the day."""

    day: date

    @classmethod
    def of(cls, shown: str, day: date) -> Self:
        text = cls(shown)
        text.day = day
        return text


class MomentText(str):
    """A moment as it is shown, with the moment."""

    moment: datetime

    @classmethod
    def of(cls, shown: str, moment: datetime) -> Self:
        text = cls(shown)
        text.moment = moment
        return text
