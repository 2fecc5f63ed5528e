"""Personal data of requests to buyers and of their answers."""

from typing import Any

from infactor.core.privacy.declarations import BUYER, ERASED, SUPPLIER, Ground, Overwrite, Subject, Table
from infactor.verification.models import Verification


def open_requests(subject: Subject) -> list[str]:
    """Requests that a buyer can still answer."""
    if subject.kind not in (SUPPLIER, BUYER):
        return []
    whose = {"supplier": subject.row.pk} if subject.kind == SUPPLIER else {"invoice__buyer": subject.row.pk}
    waiting = Verification.objects.filter(status__in=Verification.OPEN, **whose)
    return [f"Verification {one.public_id} waits for an answer: withdraw it first." for one in waiting]


def _facts_without_people(row: Verification) -> dict[str, Any]:
    return {**row.facts, "supplier": ERASED, "buyer": ERASED, "lines": []}


def _erased_if_any(name: str) -> Any:
    return lambda row: ERASED if getattr(row, name) else ""


BLOCKERS = (open_requests,)
TABLES = (
    Table(
        model="verification.Verification",
        purpose="asks the buyer whether an invoice is right, and keeps the answer as proof",
        ground=Ground.INTEREST,
        retention="what was financed: RETENTION_RECORDS_DAYS (ten years) after it ended; the rest until asked",
        personal=(
            "to",
            "subject",
            "body",
            "facts",
            "answered_at",
            "answered_name",
            "answered_from",
            "phone_number",
            "call_note",
            "answered_role",
            "answered_phone",
            "dispute_reason",
            "disputed_lines",
            "line_reasons",
            "paid_on",
            "paid_to",
            "planned_pay_on",
            "po_number",
        ),
        secret=("links",),
        other=("facts_digest", "currency"),
        paths={SUPPLIER: ("supplier",), BUYER: ("invoice__buyer", "invoice__buyer__parent")},
        evidence="invoice",
        evidence_of="invoice",
        on_erasure={
            kind: Overwrite(
                {
                    "to": lambda row: "erased@erased.invalid" if row.to else "",
                    "subject": _erased_if_any("subject"),
                    "body": _erased_if_any("body"),
                    "facts": _facts_without_people,
                    "answered_name": _erased_if_any("answered_name"),
                    "answered_from": None,
                    "phone_number": "",
                    "call_note": "",
                    "answered_role": "",
                    "answered_phone": "",
                    "po_number": "",
                    "dispute_reason": _erased_if_any("dispute_reason"),
                    "line_reasons": lambda row: {},
                    "links": lambda row: [ERASED] if row.links else [],
                }
            )
            for kind in (SUPPLIER, BUYER)
        },
    ),
    Table(
        model="verification.Forward",
        purpose="whom a buyer named as the colleague who answers, so that the link goes to the right person",
        ground=Ground.INTEREST,
        retention="as long as the request",
        personal=("to", "asked_by", "asked_at"),
        secret=("digest",),
        paths={
            SUPPLIER: ("verification__supplier",),
            BUYER: ("verification__invoice__buyer", "verification__invoice__buyer__parent"),
        },
        evidence="verification__invoice",
        on_erasure={
            kind: Overwrite(
                {
                    "to": lambda row: f"erased-{row.pk}@erased.invalid",
                    "asked_by": ERASED,
                    "digest": lambda row: ERASED if row.digest else "",
                }
            )
            for kind in (SUPPLIER, BUYER)
        },
    ),
)
