"""BAI2: what banks in the United States send. Amounts are in the smallest unit of the currency."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from bai2.bai2 import parse_from_lines
from bai2.constants import TypeCodeTransaction
from bai2.exceptions import NotSupportedYetException, ParsingException
from bai2.helpers import IteratorHelper
from bai2.parsers import TransactionDetailParser

from infactor.banking.formats.records import (
    REMITTANCE_LENGTH,
    ParsedFile,
    ParsedStatement,
    Refusal,
    StatementRow,
    UnreadableFile,
    checked_amount,
    clean,
    identifying,
    sentence,
)
from infactor.core.money import CENT, InvalidAmount, smallest_unit

DETAIL, CONTINUATION = "16", "88"
OPENING, CLOSING = "010", "015"
ERRORS = (
    ParsingException,
    NotSupportedYetException,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    StopIteration,
)


def parse(*, text: str) -> ParsedFile:
    """Every statement of a BAI2 file. Raises UnreadableFile."""
    kept, places, refusals = _readable_lines(text)
    try:
        source: Any = parse_from_lines(kept, check_integrity=False)
    except ERRORS as error:
        raise UnreadableFile(
            "This file is not readable as BAI2: a record is missing, or in the wrong place."
        ) from error
    statements = [
        _statement(account, group, places, refusals) for group in source.children for account in group.children
    ]
    return ParsedFile("BAI2", statements, list(refusals.values())).checked()


def _readable_lines(text: str) -> tuple[list[str], Iterator[tuple[int, str]], dict[int, Refusal]]:
    """The lines without unreadable details, the number and place of each detail kept, and what is refused."""
    records: list[list[tuple[int, str]]] = []
    for number, line in enumerate((one.strip() for one in text.splitlines()), start=1):
        if line.startswith(CONTINUATION) and records:
            records[-1].append((number, line))
        elif line:
            records.append([(number, line)])
    kept: list[str] = []
    places: list[tuple[int, str]] = []
    refusals: dict[int, Refusal] = {}
    for index, record in enumerate(records):
        number, lines = record[0][0], [line for _, line in record]
        if lines[0].startswith(DETAIL):
            try:
                TransactionDetailParser(IteratorHelper(lines)).parse()
            except ERRORS:
                refusals[index] = Refusal(
                    f"line {number}", "This detail cannot be read: an unknown type or a bad amount."
                )
                continue
            places.append((number, f"line {number}"))
        kept += lines
    return kept, iter(places), refusals


def _statement(
    account: Any, group: Any, places: Iterator[tuple[int, str]], refusals: dict[int, Refusal]
) -> ParsedStatement:
    day: date = group.header.as_of_date
    currency = (account.header.currency or group.header.currency or "USD").upper()
    balances = {one.type_code.code: one.amount for one in account.header.summary_items if one.type_code}
    statement = ParsedStatement(
        account_number=clean(account.header.customer_account_number, length=50),
        currency=currency,
        from_date=day,
        to_date=day,
        opening_balance=_money(balances.get(OPENING), currency),
        closing_balance=_money(balances.get(CLOSING), currency),
    )
    for detail in account.children:
        _, place = next(places)
        try:
            statement.rows.append(_row(detail, place, day=day, currency=currency))
        except InvalidAmount as problem:
            statement.refusals.append(Refusal(place, sentence(problem)))
    total = sum((one.amount or 0 for one in [*account.children, *account.header.summary_items]), 0)
    if not refusals and total != account.trailer.account_control_total:
        statement.findings.append(
            f"The bank's own control total is {account.trailer.account_control_total}, its records come to {total}."
        )
    return statement


def _row(detail: Any, place: str, *, day: date, currency: str) -> StatementRow:
    amount = _money(detail.amount, currency)
    direction = detail.type_code.transaction
    if amount is None or direction not in (TypeCodeTransaction.credit, TypeCodeTransaction.debit):
        raise InvalidAmount("it is neither a credit nor a debit with an amount")
    availability = detail.availability or {}
    return StatementRow(
        place=place,
        value_date=availability.get("date") or day,
        booking_date=day,
        amount=checked_amount(amount if direction == TypeCodeTransaction.credit else -amount, currency),
        entry_id=identifying(detail.bank_reference),
        reference=identifying(detail.customer_reference),
        remittance=clean(detail.text, length=REMITTANCE_LENGTH),
    )


def _money(units: int | None, currency: str) -> Decimal | None:
    return None if units is None else (Decimal(units) * smallest_unit(currency)).quantize(CENT)
