"""Closing a month: in order and with its checklist, under the lock that keeps new postings out meanwhile."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db.transaction import atomic

from infactor.core import reasons
from infactor.ledger import periods
from infactor.ledger.models import PeriodClosing
from infactor.ledger.periods import PeriodError
from infactor.month_end.checklist import checklist
from infactor.users import roles
from infactor.users.models import User


def close(*, month: date, explanations: Mapping[str, str], by: User, at: datetime) -> PeriodClosing:
    """Close `month`. `explanations` says of each point of the checklist that is not in order why it may be so, by code.

    The checklist is read while nothing can be posted, so what is closed is what was checked. Raises NotAllowed,
    PeriodError.
    """
    roles.require(by, periods.PERMISSION)
    with atomic():
        periods.lock()
        explained = []
        for item in checklist(month=month, at=at):
            text = explanations.get(item.code, "").strip()
            if item.needs_explanation:
                try:
                    text = reasons.require_reason(text)
                except reasons.ReasonMissing as error:
                    raise PeriodError(f"{item.title}: {item.findings[0]} Put it right, or explain it.") from error
            if item.findings:
                explained.append({"point": item.title, "findings": " ".join(item.findings), "explanation": text[:500]})
        return periods.close(month=month, explanations=explained, by=by, at=at)
