"""Suggestions to staff that buyers are one company, and dismissals of suggestions, both stored as rows.

Finding matches reads every buyer, so a scheduled task does it (`refresh`). Pages only read the rows.
"""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection, transaction
from django.utils.translation import gettext as _

from infactor.core import audit
from infactor.invoices.debtors import matching
from infactor.invoices.debtors.matching import Dismissal, SuggestedGroup
from infactor.invoices.models import Buyer, Debtor, DebtorSuggestion
from infactor.users import roles
from infactor.users.models import User

PERMISSION = "invoices.join_debtors"
# For pg_try_advisory_xact_lock: one refresh at a time.
ADVISORY_LOCK_KEY = 471_003


class SuggestionError(Exception):
    """The suggestion was decided meanwhile; the message says how to go on. Nothing was written."""


def refresh(*, at: datetime) -> bool:
    """Add, change and delete suggestions to fit the current matches. False if another refresh is running."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ADVISORY_LOCK_KEY])
            if cursor.fetchone() != (True,):
                return False
        # Lock first: a dismissal that is being written now is visible afterwards.
        pending = list(DebtorSuggestion.objects.select_for_update(of=("self",)).filter(dismissed_at__isnull=True))
        rows = DebtorSuggestion.objects.annotate(keys=ArrayAgg("buyers")).order_by()
        dismissed = [
            Dismissal(frozenset(keys), debtor_id)
            for keys, debtor_id in rows.filter(dismissed_at__isnull=False).values_list("keys", "debtor_id")
        ]
        existing = {frozenset(row.keys): row for row in rows.filter(pk__in=[row.pk for row in pending])}
        for found in matching.find_groups(dismissed=dismissed):
            _save(found, existing.pop(frozenset(buyer.pk for buyer in found.buyers), None), at=at)
        DebtorSuggestion.objects.filter(pk__in=[row.pk for row in existing.values()]).delete()
    return True


def _save(found: SuggestedGroup, row: DebtorSuggestion | None, *, at: datetime) -> None:
    values = {"kinds": list(found.kinds), "score": found.score, "debtor_id": found.debtor_id}
    if row is None:
        DebtorSuggestion.objects.create(found_at=at, **values).buyers.set(found.buyers)
    elif any(getattr(row, name) != value for name, value in values.items()):
        DebtorSuggestion.objects.filter(pk=row.pk).update(**values)


def dismiss(*, suggestion: DebtorSuggestion, by: User | None, at: datetime, reason: str) -> DebtorSuggestion:
    """Record that these buyers are not one company. Raises SuggestionError if it was decided, roles.NotAllowed."""
    staff = roles.require(by, PERMISSION)
    with transaction.atomic():
        row = DebtorSuggestion.objects.select_for_update(of=("self",)).filter(pk=suggestion.pk).first()
        if row is None or row.dismissed_at is not None:
            raise SuggestionError(_("It was decided in the meantime. Reload the page."))
        row.dismissed_at, row.dismissed_by, row.reason = at, staff, reason
        row.save(update_fields=["dismissed_at", "dismissed_by", "reason"])
        _record("debtor.suggestion_dismissed", row, by=staff, at=at, reason=reason)
        return row


def undo_dismissal(*, suggestion: DebtorSuggestion, by: User | None, at: datetime) -> None:
    """Delete a dismissal, so that its buyers are suggested again if they still match.

    Another dismissal of the same buyers still counts. Raises SuggestionError if it was undone, roles.NotAllowed.
    """
    staff = roles.require(by, PERMISSION)
    with transaction.atomic():
        row = DebtorSuggestion.objects.select_for_update(of=("self",)).filter(pk=suggestion.pk).first()
        if row is None or row.dismissed_at is None:
            raise SuggestionError(_("The dismissal was undone in the meantime."))
        _record("debtor.dismissal_undone", row, by=staff, at=at)
        row.delete()
        refresh(at=at)


def split_off(*, buyer: Buyer, debtor: Debtor, by: User, at: datetime, reason: str) -> None:
    """Staff removed `buyer` from `debtor`: never suggest it for that debtor again. In the caller's transaction."""
    others = list(debtor.buyers.exclude(pk=buyer.pk))
    if not others:
        return
    row = DebtorSuggestion.objects.create(
        debtor=debtor, found_at=at, dismissed_at=at, dismissed_by=by, reason=reason or "Removed from its debtor."
    )
    row.buyers.set([buyer, *others])
    _record("debtor.suggestion_dismissed", row, by=by, at=at, reason=reason)


def delete_completed(*, joined: Iterable[Buyer]) -> None:
    """Delete the suggestions whose buyers are all grouped now. In the caller's transaction."""
    pending = DebtorSuggestion.objects.filter(dismissed_at__isnull=True, buyers__in=list(joined)).distinct()
    for row in pending:
        if not row.buyers.filter(debtor__isnull=True).exists():
            row.delete()


def _record(event: str, row: DebtorSuggestion, *, by: User, at: datetime, reason: str = "") -> None:
    details = {"buyers": sorted(row.buyers.order_by().values_list("pk", flat=True)), "debtor": row.debtor_id}
    audit.record(event=event, subject=row, by=by, at=at, reason=reason, details=details)
