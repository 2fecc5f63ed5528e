"""MT940: SWIFT's text format, in the dialects of German, Dutch and other banks."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import mt940
from mt940 import tags

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
    joined,
    places_of,
    sentence,
)
from infactor.core.money import InvalidAmount

TAG = re.compile(r"^:(\d\d[A-Z]?):", re.MULTILINE)
LINE, DETAILS = "61", "86"
FIELD_61 = re.compile(r"^:61:", re.MULTILINE)
OPENING = ("final_opening_balance", "intermediate_opening_balance", "opening_balance")
CLOSING = ("final_closing_balance", "intermediate_closing_balance", "closing_balance")
OPTIONS = mt940.Options.all()  # the library's corrections: a reversed credit is below zero, details are not cut
ERRORS = (ValueError, RuntimeError, KeyError, TypeError, AttributeError, ArithmeticError)


def parse(*, text: str) -> ParsedFile:
    """Every statement of an MT940 file. Raises UnreadableFile."""
    kept, places, refusals = _readable(text.replace("\r\n", "\n").replace("\r", "\n"))
    try:
        sources = mt940.parse_statements(kept, options=OPTIONS)
        statements = [_statement(one, places) for one in sources]
    except ERRORS as error:
        raise UnreadableFile("This file is not readable as MT940: a balance or the account is missing.") from error
    return ParsedFile("MT940", statements, refusals).checked()


def _readable(text: str) -> tuple[str, Iterator[str], list[Refusal]]:
    """The text without lines that cannot be read, the place of each line that can, and what is refused."""
    marks = list(TAG.finditer(text))
    if not marks:
        raise UnreadableFile("This file has no field of MT940.")
    kept, places, refusals = [text[: marks[0].start()]], list[str](), list[Refusal]()
    statement_line = tags.Statement()
    skip_details, line_places = False, places_of(pattern=FIELD_61, text=text)
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        block = text[mark.start() : following.start() if following else len(text)]
        value = re.sub(r"\n-\}?\s*$", "", block[len(mark[0]) :]).strip("\n")
        if mark[1] == LINE:
            place = next(line_places)
            skip_details = statement_line.re.match(value) is None
            if skip_details:
                refusals.append(Refusal(place, "This line cannot be read as a field 61 of MT940."))
                continue
            places.append(place)
        elif mark[1] == DETAILS and skip_details:
            continue
        else:
            skip_details = False
        kept.append(block)
    return "".join(kept), iter(places), refusals


def _statement(source: Any, places: Iterator[str]) -> ParsedStatement:
    facts = source.data
    opening, closing = _balance(facts, OPENING), _balance(facts, CLOSING)
    if opening is None and closing is None:
        raise ValueError("no balance")
    currency = str((opening or closing).amount.currency).upper()
    number = "/".join(str(facts[name]) for name in ("statement_number", "sequence_number") if facts.get(name))
    statement = ParsedStatement(
        account_number=clean(facts.get("account_identification"), length=50),
        currency=currency,
        number=number,
        from_date=opening and _day(opening.date),
        to_date=closing and _day(closing.date),
        opening_balance=opening and opening.amount.amount,
        closing_balance=closing and closing.amount.amount,
    )
    for transaction in source.transactions:
        place = next(places)
        try:
            statement.rows.append(_row(transaction.data, place, currency=currency, statement=number))
        except InvalidAmount as problem:
            statement.refusals.append(Refusal(place, sentence(problem)))
    return statement


def _row(facts: dict[str, Any], place: str, *, currency: str, statement: str) -> StatementRow:
    amount: Decimal = facts["amount"].amount
    valued = _day(facts["date"])
    booked = _day(facts.get("entry_date"))
    references = (facts.get("end_to_end_reference"), facts.get("customer_reference"), facts.get("extra_details"))
    found = (identifying(one, besides=statement) for one in references[:2])
    structured = joined((facts.get("purpose"), facts.get("additional_purpose")), length=REMITTANCE_LENGTH)
    return StatementRow(
        place=place,
        value_date=valued or booked or date.min,
        booking_date=booked or valued or date.min,
        amount=checked_amount(amount, currency),
        entry_id=identifying(facts.get("bank_reference"), besides=statement),
        reference=next(filter(None, found), ""),
        payer=clean(facts.get("applicant_name"), length=PAYER_LENGTH),
        payer_account=clean(facts.get("applicant_iban") or facts.get("gvc_applicant_iban"), length=50),
        remittance=joined(
            (structured or facts.get("transaction_details"), facts.get("extra_details")), length=REMITTANCE_LENGTH
        ),
    )


def _balance(facts: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((facts[name] for name in names if facts.get(name)), None)


def _day(stated: Any) -> date | None:
    return None if stated is None else date(stated.year, stated.month, stated.day)
