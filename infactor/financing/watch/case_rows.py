"""Cases of the watch: one row an advance and kind, opened, changed, closed and reopened as the books go."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from infactor.core import audit
from infactor.financing import emails, staff_emails
from infactor.financing.models import Advance, Case

Differences = Sequence[dict[str, Any]]
SEVERE, MINOR = Case.Severity.SEVERE, Case.Severity.MINOR
NO_PROMISE = {"promised_at": None, "promised_by": None, "promised_amount": None, "forward_by": None}
NO_RELEASE = {"hold_released_at": None, "hold_released_by": None, "hold_release_reason": ""}


def keep(
    *, advance: Advance, case: Case | None, kind: str, found: Differences, at: datetime, outcome: str
) -> Case | None:
    """Let the case of `kind` say what was `found`, and return it; None where there is none.

    `case` is its row so far, locked by the caller. What staff accepted opens nothing. With nothing found the case ends
    by itself, with `outcome`. Mails go out when something new is found, or what was found turns severe.
    """
    settled = [] if case is None else [one for one in case.settled_differences if _text(one) in _texts(found)]
    new = [one for one in found if _text(one) not in _texts(settled)]
    if case is None:
        return _open(Case(kind=kind, supplier=advance.supplier, advance=advance), found, new, at=at) if new else None
    case.settled_differences = settled
    if case.closed_at is not None:
        if new:
            return _reopen(case, found, new, at=at)
        case.save(update_fields=["settled_differences", "updated_at"])
        return case
    if not new:
        return _close(case, outcome=outcome, at=at)
    return _change(case, found, new, at=at)


def severity_of(differences: Differences) -> str:
    return SEVERE if any(one["severity"] == SEVERE for one in differences) else MINOR


def _open(case: Case, found: Differences, new: Differences, *, at: datetime) -> Case:
    _say(case, found, new)
    case.opened_at = at
    case.save()
    _record(case, "opened", at=at)
    emails.case_opened(case=case)
    staff_emails.case_for_staff(case=case)
    return case


def _reopen(case: Case, found: Differences, new: Differences, *, at: datetime) -> Case:
    _say(case, found, new)
    case.revision += 1
    case.opened_at, case.closed_at, case.closed_by, case.outcome, case.conclusion = at, None, None, "", ""
    for name, value in (NO_PROMISE | NO_RELEASE).items():
        setattr(case, name, value)
    case.save()
    _record(case, "reopened", at=at)
    emails.case_opened(case=case)
    staff_emails.case_for_staff(case=case)
    return case


def _change(case: Case, found: Differences, new: Differences, *, at: datetime) -> Case:
    before, severity = list(case.differences), case.severity
    if before == list(found):
        case.save(update_fields=["settled_differences", "updated_at"])
        return case
    is_news = not _texts(new) <= _texts(before)
    is_worse = severity_of(new) == SEVERE and severity != SEVERE
    _say(case, found, new)
    if is_news or is_worse:
        # A hold that was released by hand was released for what was known then.
        case.revision += 1
        for name, value in NO_RELEASE.items():
            setattr(case, name, value)
    case.save()
    _record(case, "changed", at=at)
    if is_news or is_worse:
        emails.case_opened(case=case)
        staff_emails.case_for_staff(case=case)
    return case


def _close(case: Case, *, outcome: str, at: datetime) -> Case:
    case.outcome, case.conclusion = outcome, CONCLUSIONS[outcome]
    case.closed_at, case.closed_by = at, None
    case.save()
    _record(case, "closed", at=at)
    emails.case_closed(case=case)
    return case


CONCLUSIONS: dict[str, str] = {
    Case.Outcome.RESTORED: "The invoice in QuickBooks is again as it was when we bought it.",
    Case.Outcome.EXPLAINED: "A payment that we received explains it.",
    Case.Outcome.FORWARDED: "The money has arrived at our account.",
}


def _say(case: Case, found: Differences, new: Differences) -> None:
    case.differences = list(found)
    case.severity = severity_of(new)
    case.reason = reason_of(case.kind, new)


def reason_of(kind: str, differences: Differences) -> str:
    """One sentence for lists: what differs."""
    if kind == Case.Kind.MISDIRECTED:
        return "; ".join(f"{one['now']}. {one['note']}" if one.get("note") else one["now"] for one in differences)[:500]
    return "; ".join(f"{one['field']}: {one['bought']}, now {one['now']}" for one in differences)[:500]


def _record(case: Case, what: str, *, at: datetime) -> None:
    audit.record(
        event=f"case.{case.kind}_{what}",
        subject=case,
        by=None,
        at=at,
        supplier_id=case.supplier_id,
        details={
            "severity": str(case.severity),
            "revision": case.revision,
            "fields": sorted({one["field"] for one in case.differences}),
            **({"outcome": str(case.outcome)} if case.outcome else {}),
        },
    )


def _text(difference: dict[str, Any]) -> tuple[str, str, str]:
    """What makes two differences the same, whatever their severity."""
    return (difference["field"], difference["bought"], difference["now"])


def _texts(differences: Differences) -> set[tuple[str, str, str]]:
    return {_text(one) for one in differences}
