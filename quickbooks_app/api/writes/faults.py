"""Faults of writes as named errors with a sentence: by code, without QuickBooks' own text, which holds data."""

import re

from quickbooks_app.errors import (
    BusinessRuleBroken,
    DuplicateName,
    DuplicateNumber,
    FeatureMissing,
    FieldRefused,
    ObjectMissing,
    PeriodClosed,
    ReferenceMissing,
    StaleObject,
    WriteRefused,
)

WRITE_ERRORS: dict[str, tuple[type[WriteRefused], str]] = {
    "600": (FieldRefused, "QuickBooks finds something in it invalid"),
    "610": (ObjectMissing, "It, or something that it names, is deleted or inactive in QuickBooks"),
    "2010": (FieldRefused, "QuickBooks does not know a field of it"),
    "2020": (FieldRefused, "A field that QuickBooks needs is missing"),
    "2030": (FieldRefused, "An id in it is not one of QuickBooks'"),
    "2050": (FieldRefused, "A field is too long or too short for QuickBooks"),
    "2080": (FieldRefused, "QuickBooks finds a value in it invalid"),
    "2170": (FieldRefused, "QuickBooks does not know a value in it"),
    "2500": (ReferenceMissing, "It names an object that QuickBooks does not have"),
    "4002": (FieldRefused, "An email address in it is invalid"),
    "5010": (StaleObject, "Somebody has changed it in QuickBooks meanwhile"),
    "5020": (FeatureMissing, "This company, or the person who connected it, may not use this part of QuickBooks"),
    "6000": (BusinessRuleBroken, "A rule of QuickBooks' accounting forbids it"),
    "6070": (BusinessRuleBroken, "A rule of QuickBooks' accounting forbids these amounts"),
    "6140": (DuplicateNumber, "The number is taken in QuickBooks already"),
    "6210": (PeriodClosed, "The books are closed for this date"),
    "6240": (DuplicateName, "The name is taken in QuickBooks already"),
    "6540": (BusinessRuleBroken, "It is part of a bank deposit: take it out of the deposit in QuickBooks first"),
}
FIELD_PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9_.\[\]]{0,59}")
# The one thing that is taken from QuickBooks' text: the id of the object in the way.
EXISTING_ID = re.compile(r"\b(?:TxnId|Id)=(\d{1,20})\b")


def refusal(*, code: str, element: str, detail: str, status: int | None = None, intuit_tid: str = "") -> WriteRefused:
    """The named error of a write that QuickBooks refused with `code`."""
    kind, sentence = WRITE_ERRORS.get(code, (WriteRefused, f"QuickBooks refused it (code {code or status})"))
    field = element if FIELD_PATTERN.fullmatch(element) else ""
    existing = EXISTING_ID.search(detail) if kind in (DuplicateName, DuplicateNumber) else None
    return kind(
        f"{sentence} ({field})." if field else f"{sentence}.",
        field=field,
        existing_id=existing[1] if existing else "",
        code=code,
        status=status,
        intuit_tid=intuit_tid,
    )
