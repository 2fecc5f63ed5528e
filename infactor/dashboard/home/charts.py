"""Bars drawn on the server: geometry and numbers of a chart, for templates/parts/_chart.html."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from infactor.core import money

ROW_HEIGHT = 42
TEXT_BASELINE = 14
BAR_TOP = 22


@dataclass(frozen=True)
class Slice:
    """What one bar stands for: some invoices and their sum, all of the chart's one currency."""

    label: str
    amount: Decimal
    count: int
    tone: str = "info"


@dataclass(frozen=True)
class Bar:
    """One bar as it is drawn; `width` is a share of the chart's width in percent."""

    label: str
    amount: Decimal
    count: int
    tone: str
    shown: str
    width: Decimal
    y: int
    text_y: int


@dataclass(frozen=True)
class BarChart:
    """A chart of one currency. Bars are as long as their share of the longest one."""

    title: str
    heading: str
    currency: str
    bars: tuple[Bar, ...]

    @property
    def height(self) -> int:
        return ROW_HEIGHT * len(self.bars)

    @property
    def unit(self) -> str:
        return f"Amount, {self.currency}" if self.currency else "Amount"

    @property
    def count(self) -> int:
        return sum(bar.count for bar in self.bars)

    @property
    def total(self) -> Decimal:
        return sum((bar.amount for bar in self.bars), Decimal(0))

    @property
    def in_words(self) -> str:
        return "; ".join(f"{bar.label} {bar.shown}" for bar in self.bars)


def bar_chart(*, title: str, heading: str, currency: str, slices: Sequence[Slice], language: str = "en") -> BarChart:
    """A horizontal bar for each of `slices`; an amount below zero (credits) draws none but keeps its number."""
    longest = max((one.amount for one in slices), default=Decimal(0))
    bars = tuple(
        Bar(
            label=one.label,
            amount=one.amount,
            count=one.count,
            tone=one.tone,
            shown=money.text(one.amount, currency, language=language),
            width=_share(one.amount, longest),
            y=ROW_HEIGHT * position + BAR_TOP,
            text_y=ROW_HEIGHT * position + TEXT_BASELINE,
        )
        for position, one in enumerate(slices)
    )
    return BarChart(title=title, heading=heading, currency=currency, bars=bars)


def _share(amount: Decimal, longest: Decimal) -> Decimal:
    """Percent with one decimal; whatever is more than nothing stays visible."""
    if amount <= 0 or longest <= 0:
        return Decimal(0)
    return max((amount / longest * 100).quantize(Decimal("0.1")), Decimal("0.5"))
