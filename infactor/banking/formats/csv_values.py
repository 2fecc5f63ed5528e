"""Days and amounts of CSV files: which order and decimal sign a whole column decides, and how one cell is read."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation

from infactor.core.money import InvalidAmount, validate_amount

YMD, DMY, MDY = "ymd", "dmy", "mdy"
_NUMERIC_DAY = re.compile(r"(\d{1,4})([-/. ])(\d{1,2})\2(\d{2,4})", re.ASCII)
_COMPACT_DAY = re.compile(r"(20\d\d)(\d\d)(\d\d)", re.ASCII)
_NAMED_DAY = re.compile(
    r"(\d{1,2})[-/. ]?([A-Za-z]{3})[a-z]*\.?[-/., ]*(\d{4})|([A-Za-z]{3})[a-z]*\.? (\d{1,2}),? (\d{4})"
)
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}.*$")
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_AROUND = re.compile(r"[\s\u00a0\u202f'’]|[A-Z]{3}(?=[\d+(-])|(?<=[\d)])[A-Z]{3}$|[$€£¥]")
_SEPARATORS = re.compile(r"[.,]")
_DEBIT_WORDS = frozenset({"d", "db", "dr", "dbit", "debit", "debet", "s", "soll", "af", "-", "withdrawal", "charge"})
_CREDIT_WORDS = frozenset({"c", "cr", "crdt", "credit", "h", "haben", "bij", "+", "deposit"})


class UnreadableCell(ValueError):
    """This cell is no day, amount or direction; the message says why."""


def date_orders(cells: Iterable[str]) -> set[str]:
    """The orders in which the most days of a column can be read: one decides it, several are to be asked about.

    Days that name their month, or begin with the year, need no order. Points part a day, a month and a year wherever
    they are used.
    """
    counts: Counter[str] = Counter()
    for cell in map(_without_time, cells):
        found = _NUMERIC_DAY.fullmatch(cell)
        if found is not None and len(found[1]) == 4:
            counts[YMD] += 1
        elif found is not None and int(found[1]) <= 31 and int(found[3]) <= 31:
            first, sign, second = int(found[1]), found[2], int(found[3])
            counts[DMY] += second <= 12
            counts[MDY] += first <= 12 and sign != "."
    return _most(counts) or {YMD}


def parse_day(cell: str, order: str) -> date:
    """The day of a cell, in figures by `order` or with the name of its month. Raises UnreadableCell."""
    text = _without_time(cell)
    try:
        if compact := _COMPACT_DAY.fullmatch(text):
            return date(int(compact[1]), int(compact[2]), int(compact[3]))
        if named := _NAMED_DAY.fullmatch(text):
            day, month, year = (named[1], named[2], named[3]) if named[1] else (named[5], named[4], named[6])
            return date(int(year), _MONTHS[month.lower()], int(day))
        if found := _NUMERIC_DAY.fullmatch(text):
            parts = int(found[1]), int(found[3]), int(found[4])
            year, month_, day_ = {YMD: parts, DMY: parts[::-1], MDY: (parts[2], parts[0], parts[1])}[
                YMD if len(found[1]) == 4 else order
            ]
            return date(year + 2000 if year < 100 else year, month_, day_)
    except (ValueError, KeyError):
        pass
    raise UnreadableCell(f"“{cell[:30]}” is no day of the calendar in the order of this file")


def decimal_signs(cells: Iterable[str]) -> set[str]:
    """The decimal signs by which the most amounts of a column can be read: both if nothing decides between them."""
    counts: Counter[str] = Counter()
    for cell in cells:
        text = _figures(cell)[0]
        found = _SEPARATORS.findall(text)
        if not found:
            continue
        last, other = found[-1], "," if found[-1] == "." else "."
        places = len(text.rpartition(last)[2])
        is_thousands = found.count(last) > 1
        counts[last] += not is_thousands
        counts[other] += is_thousands or (len(set(found)) == 1 and places == 3)
    return _most(counts) or {"."}


def parse_amount(cell: str, decimal_sign: str) -> Decimal:
    """The amount of a cell, below zero with a minus before or behind, in parentheses, or with DR behind.

    Raises UnreadableCell. An empty cell is none.
    """
    text, is_negative = _figures(cell)
    thousands = "," if decimal_sign == "." else "."
    cents = rf"{re.escape(decimal_sign)}\d{{1,4}}"
    # Some banks write no zero before it: .75
    pattern = rf"(?:\d+|\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+)(?:{cents})?|{re.escape(decimal_sign)}\d{{1,2}}"
    if not re.fullmatch(pattern, text, re.ASCII):
        raise UnreadableCell(f"“{cell[:30]}” is no amount with the decimal sign {decimal_sign}")
    try:
        amount = validate_amount(Decimal(text.replace(thousands, "").replace(decimal_sign, ".")))
    except (InvalidAmount, InvalidOperation) as error:
        raise UnreadableCell(f"the amount “{cell[:30]}” cannot be stored: {error}") from error
    return -amount if is_negative else amount


def is_debit(cell: str) -> bool:
    """Whether the direction in a cell is a debit. Raises UnreadableCell where it is neither."""
    word = cell.strip().lower().rstrip(".")
    if word in _DEBIT_WORDS:
        return True
    if word in _CREDIT_WORDS:
        return False
    raise UnreadableCell(f"“{cell[:30]}” is neither debit nor credit")


def _most(counts: Counter[str]) -> set[str]:
    best = max(counts.values(), default=0)
    return {name for name, count in counts.items() if count == best and best}


def _figures(cell: str) -> tuple[str, bool]:
    """The figures and separators of an amount, and whether it is below zero."""
    text = cell.strip().replace("\N{MINUS SIGN}", "-")
    is_negative = False
    if word := re.fullmatch(r"(.*?)\s*(CR|DR)\.?", text, re.IGNORECASE):
        text, is_negative = word[1], word[2].upper() == "DR"
    text = _AROUND.sub("", text)
    if text.startswith("(") and text.endswith(")"):
        return text[1:-1], True
    if text.startswith("-") or text.endswith("-"):
        return text.strip("-") if text.count("-") == 1 else text, True
    return text.removeprefix("+").removesuffix("+"), is_negative


def _without_time(cell: str) -> str:
    return _TIME.sub("", cell.strip())
