"""What every reader of bank statements gives: statements with their lines, and what could not be read."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from infactor.core.money import InvalidAmount, validate_amount

MAX_BYTES, MAX_LINES = 10_000_000, 20_000
REFERENCE_LENGTH, PAYER_LENGTH, REMITTANCE_LENGTH = 100, 200, 1000
# What banks write where they have no reference.
NO_REFERENCES = frozenset(
    {"NONREF", "NOTPROVIDED", "NOTAVAILABLE", "NOREF", "NOREFERENCE", "NONE", "NULL", "NA", "UNKNOWN", "NOTPROV"}
    | {"REF", "REFERENCE"}
)
# A spreadsheet has shown a long number as 1.23E+12, and its digits are lost.
SPOILT_REFERENCE = re.compile(r"[+-]?\d(?:[.,]\d+)?E[+-]?\d{1,3}|#+", re.IGNORECASE)
# A spreadsheet keeps fifteen digits of a number and writes zeros for the rest.
ROUNDED_REFERENCE = re.compile(r"[1-9]\d{14}0{2,}")


class UnreadableFile(Exception):
    """Nothing of this file can be read. The message says why, and where."""


@dataclass(frozen=True)
class Refusal:
    """What could not be read at a place of the file, like "line 12", as a sentence."""

    place: str
    message: str


@dataclass(frozen=True)
class StatementRow:
    """One line of a statement. `amount` is what the balance changes by: below zero is a debit.

    `entry_id` is the bank's own id of the line, `reference` what the payer or the bank calls it; both are empty where
    they identify nothing. `batch_id` and `batch_amount` belong to the entry of which the line is a part.
    """

    place: str
    value_date: date
    booking_date: date
    amount: Decimal
    reference: str = ""
    entry_id: str = ""
    payer: str = ""
    payer_account: str = ""
    remittance: str = ""
    batch_id: str = ""
    batch_amount: Decimal | None = None


@dataclass(frozen=True)
class ParsedStatement:
    """One statement of one account, in `currency`, with the balances that the bank states (None: it states none)."""

    account_number: str
    currency: str
    number: str = ""
    from_date: date | None = None
    to_date: date | None = None
    opening_balance: Decimal | None = None
    closing_balance: Decimal | None = None
    rows: list[StatementRow] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)

    @property
    def difference(self) -> Decimal | None:
        """What the lines do not explain of the change between the two balances; None where one is not stated."""
        if self.opening_balance is None or self.closing_balance is None:
            return None
        lines = sum((row.amount for row in self.rows), Decimal(0))
        return self.closing_balance - self.opening_balance - lines


@dataclass(frozen=True)
class ParsedFile:
    """All statements of a file, and what belongs to none of them."""

    format: str
    statements: list[ParsedStatement]
    refusals: list[Refusal] = field(default_factory=list)

    def checked(self) -> "ParsedFile":
        """Itself. Raises UnreadableFile if it has no line and no balance at all, or too many lines."""
        lines = sum(len(one.rows) + len(one.refusals) for one in self.statements) + len(self.refusals)
        balances = any(one.closing_balance is not None for one in self.statements)
        if lines > MAX_LINES:
            raise UnreadableFile(f"This file has more than {MAX_LINES:,} lines. Split it.")
        if not lines and not balances:
            raise UnreadableFile("This file has no line of a statement.")
        return self


def clean(text: object, *, length: int) -> str:
    """`text` on one line without invisible characters, cut to `length`. None is empty."""
    shown = "" if text is None else str(text)
    kept = (" " if one.isspace() else one for one in shown if one.isspace() or unicodedata.category(one)[0] != "C")
    return " ".join("".join(kept).split())[:length].strip()


def joined(parts: Iterable[object], *, length: int) -> str:
    """The different texts of `parts` behind one another."""
    texts = dict.fromkeys(clean(part, length=length) for part in parts)
    return " ".join(filter(None, texts))[:length].strip()


def identifying(text: object, *, besides: str = "") -> str:
    """`text` if it identifies a payment; empty for NONREF and the like, for a spoilt number, and for `besides`.

    `besides` is the number of the statement, which some banks repeat in every line.
    """
    shown = clean(text, length=REFERENCE_LENGTH)
    plain = re.sub(r"[^A-Z0-9]", "", shown.upper())
    if not plain.strip("0") or plain in NO_REFERENCES or is_spoilt(shown):
        return ""
    return "" if besides and shown == clean(besides, length=REFERENCE_LENGTH) else shown


def is_spoilt(text: str) -> bool:
    """Whether a spreadsheet may have lost digits of this reference."""
    return bool(SPOILT_REFERENCE.fullmatch(text.strip()) or ROUNDED_REFERENCE.fullmatch(text.strip()))


def checked_amount(amount: Decimal, currency: str) -> Decimal:
    """An amount that can be stored, in `currency`. Raises InvalidAmount, also for zero."""
    valid = validate_amount(amount, currency)
    if not valid:
        raise InvalidAmount("it is zero")
    return valid


def sentence(problem: Exception) -> str:
    """The message of `problem` as a sentence."""
    text = str(problem).rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."


def places_of(*, pattern: re.Pattern[str], text: str) -> Iterator[str]:
    """The place of each occurrence of `pattern`, like "line 12"; what comes behind the last is "the end"."""
    line, seen = 1, 0
    for found in pattern.finditer(text):
        line, seen = line + text.count("\n", seen, found.start()), found.start()
        yield f"line {line}"
    while True:
        yield "the end"
