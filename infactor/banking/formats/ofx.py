"""OFX 1 (SGML) and OFX 2 (XML), which banks also call QFX."""

import re
import warnings
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from io import BytesIO
from typing import Any

from ofxparse import OfxParser
from ofxparse.ofxparse import OfxParserException

from infactor.banking.formats.records import (
    PAYER_LENGTH,
    REMITTANCE_LENGTH,
    ParsedFile,
    ParsedStatement,
    Refusal,
    StatementRow,
    UnreadableFile,
    checked_amount,
    clean,
    identifying,
    places_of,
    sentence,
)
from infactor.core.money import InvalidAmount

BODY, LINE = re.compile(r"<OFX>", re.IGNORECASE), re.compile(r"<STMTTRN>", re.IGNORECASE)
# The standard has no thousands separators; a separator before three last digits could be one.
# Some banks write no zero before it: .75
AMOUNT = re.compile(r"[+-]?(?:\d+(?:[.,](?:\d{1,2}|\d{2}0{2,}))?|[.,]\d{1,2})", re.ASCII)
ERRORS = (OfxParserException, ValueError, TypeError, AttributeError, IndexError, KeyError, InvalidOperation)


def parse(*, text: str) -> ParsedFile:
    """Every statement of an OFX file. Raises UnreadableFile."""
    body = BODY.search(text)
    if body is None:
        raise UnreadableFile("This file has no OFX.")
    if re.search(r"<!(?:DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise UnreadableFile("This OFX file defines entities or a document type, as no bank does. It is not read.")
    # The library trusts the header's word about the encoding, which is often wrong: it gets UTF-8 and a header of ours.
    source = b"OFXHEADER:100\nENCODING:UTF-8\n\n" + text[body.start() :].encode()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # it calls Beautiful Soup by old names
            found: Any = _Reader.parse(BytesIO(source), fail_fast=False)
    except ERRORS as error:
        raise UnreadableFile("This file is not readable as OFX.") from error
    places = places_of(pattern=LINE, text=text)
    accounts = [one for one in found.accounts if hasattr(one.statement, "transactions")]
    return ParsedFile("OFX", [_statement(one, places) for one in accounts]).checked()


class _Reader(OfxParser):  # type: ignore[misc]  # it has no types
    """The library's reader, but for days (it moves them to UTC), amounts (it guesses) and lines without an id."""

    @classmethod
    def parseOfxDateTime(cls, ofxDateTime: str) -> datetime:
        """The bank's own day."""
        return datetime.strptime(ofxDateTime.strip()[:8], "%Y%m%d")  # noqa: DTZ007  a day, without a zone

    @classmethod
    def toDecimal(cls, tag: Any) -> Decimal:
        return _amount(tag.contents[0])

    @classmethod
    def parseTransaction(cls, txn_ofx: Any) -> Any:
        """The tag itself, so that a line that cannot be read keeps its place among the others."""
        return txn_ofx


def _statement(account: Any, places: Iterator[str]) -> ParsedStatement:
    source = account.statement
    currency = clean(getattr(source, "currency", ""), length=3).upper()
    balance = getattr(source, "balance", None)
    statement = ParsedStatement(
        account_number=clean(account.account_id, length=50),
        currency=currency,
        from_date=_date(getattr(source, "start_date", None)),
        to_date=_date(getattr(source, "balance_date", None)) or _date(getattr(source, "end_date", None)),
        closing_balance=balance if isinstance(balance, Decimal) else None,
    )
    for tag in source.transactions:
        place = next(places)
        try:
            statement.rows.append(_row(tag, place, currency=currency))
        except (InvalidAmount, ValueError) as problem:
            is_amount = isinstance(problem, InvalidAmount)
            statement.refusals.append(Refusal(place, sentence(problem) if is_amount else "Its day cannot be read."))
    return statement


def _row(tag: Any, place: str, *, currency: str) -> StatementRow:
    booked = _Reader.parseOfxDateTime(_text(tag, "dtposted")).date()
    available = _text(tag, "dtavail")
    try:
        amount = _amount(_text(tag, "trnamt"))
    except InvalidOperation as error:
        raise InvalidAmount("its amount cannot be read, or could mean two amounts") from error
    return StatementRow(
        place=place,
        value_date=_Reader.parseOfxDateTime(available).date() if available else booked,
        booking_date=booked,
        amount=checked_amount(amount, currency),
        entry_id=identifying(_text(tag, "fitid")),
        reference=identifying(_text(tag, "refnum") or _text(tag, "checknum")),
        payer=clean(_text(tag, "name"), length=PAYER_LENGTH),
        payer_account=clean(_text(tag, "bankacctto acctid"), length=50),
        remittance=clean(_text(tag, "memo"), length=REMITTANCE_LENGTH),
    )


def _amount(text: Any) -> Decimal:
    shown = re.sub(r"\s", "", str(text))
    if not AMOUNT.fullmatch(shown):
        raise InvalidOperation(f"{shown!r} is no amount of OFX")
    return Decimal(shown.replace(",", "."))


def _text(tag: Any, path: str) -> str:
    for name in path.split():
        tag = tag.find(name)
        if tag is None:
            return ""
    return str(tag.contents[0]).strip() if tag.contents else ""


def _date(stated: Any) -> date | None:
    return stated.date() if isinstance(stated, datetime) else None
