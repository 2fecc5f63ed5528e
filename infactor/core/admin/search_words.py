"""What somebody typed to search: the text, and the number, amount, day or public id that it may be."""

import re
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from infactor.core.currencies import CURRENCIES
from infactor.core.plain_text import to_plain_text

MAX_LENGTH = 200
MAX_DIGITS = 16  # of an amount before its decimal sign, and of a number of a row
DAYS = ("%Y-%m-%d", "%m/%d/%Y", "%d.%m.%Y", "%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y")
_CODES = "|".join(CURRENCIES)
AROUND_AMOUNT = re.compile(rf"^(?:{_CODES})\s*|\s*(?:{_CODES})$|[\s$€£¥'’]|\u00a0|\u202f", re.IGNORECASE)
CODE = re.compile(r"[0-9A-Fa-f]{8}")
PLAIN_AMOUNT = re.compile(r"-?\d{1,16}(?:\.\d{1,2})?")


@dataclass(frozen=True)
class SearchWords:
    """Typed text, without what nobody sees, cut to MAX_LENGTH."""

    text: str

    @classmethod
    def of(cls, typed: str) -> "SearchWords":
        return cls(to_plain_text(typed[: MAX_LENGTH * 5], multiline=False)[:MAX_LENGTH].strip())

    @cached_property
    def number(self) -> int | None:
        """The number of a row, also as in "Advance 17"."""
        last = self.text.rsplit(" ", 1)[-1].lstrip("#")
        return int(last) if last.isascii() and last.isdecimal() and len(last) <= MAX_DIGITS else None

    @cached_property
    def digits(self) -> str:
        return "".join(re.findall(r"[0-9]", self.text))

    @cached_property
    def public_id(self) -> uuid.UUID | None:
        try:
            return uuid.UUID(self.text) if len(self.text) >= 32 else None
        except ValueError:
            return None

    def number_after(self, prefix: str) -> int | None:
        """The number of a row in a reference of infactor, as 123 in IFP000000123 after IFP."""
        start, rest = self.text[: len(prefix)].upper(), self.text[len(prefix) :]
        is_number = rest.isascii() and rest.isdecimal() and len(rest) <= MAX_DIGITS
        return int(rest) if start == prefix and is_number else None

    def ids_after(self, prefix: str) -> tuple[uuid.UUID, uuid.UUID] | None:
        """The first and the last public id that a number of infactor, like NA-1A2B3C4D, may stand for."""
        start, rest = self.text[: len(prefix)].upper(), self.text[len(prefix) :]
        if start != prefix or not CODE.fullmatch(rest):
            return None
        return uuid.UUID(rest.ljust(32, "0")), uuid.UUID(rest.ljust(32, "f"))

    @cached_property
    def day(self) -> date | None:
        for written in DAYS:
            try:
                return datetime.strptime(self.text, written).date()  # noqa: DTZ007  a day has no time zone
            except ValueError:
                continue
        return None

    @cached_property
    def amount(self) -> Decimal | None:
        """12400 for "12,400.00", "12.400,00", "$12,400" and "12400 USD": the last sign is decimal where it can be."""
        plain = AROUND_AMOUNT.sub("", self.text)
        signs = re.findall(r"[.,]", plain)
        if signs:
            whole, _, rest = plain.rpartition(signs[-1])
            is_decimal = len(rest) in (1, 2) and signs.count(signs[-1]) == 1
            plain = re.sub(r"[.,]", "", whole) + (f".{rest}" if is_decimal else rest)
        return Decimal(plain) if PLAIN_AMOUNT.fullmatch(plain) else None
