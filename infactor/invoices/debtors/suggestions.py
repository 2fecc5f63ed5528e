"""What is proposed to staff as one company, kept as rows; and their word that it is not, which holds until taken back.

To look for what is alike reads every buyer: `refresh` does it by the clock; whoever asks how much waits counts rows.
"""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection, transaction

from infactor.core import audit
from infactor.invoices.debtors import matching
from infactor.invoices.debtors.matching import Dismissal, Proposal
from infactor.invoices.models import Buyer, Debtor, DebtorProposal
from infactor.users import roles
from infactor.users.models import User

PERMISSION = "invoices.join_debtors"
# Of pg_try_advisory_xact_lock: one look at a time is enough.
ADVISORY = 471_003


class ProposalRefused(Exception):
    """Nothing was written; the message says why."""


def refresh(*, at: datetime) -> bool:
    """Keep what looks alike now and was not dismissed: add, change, remove. False where somebody does so already."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ADVISORY])
            if cursor.fetchone() != (True,):
                return False
        # First the locks: what is being dismissed at this moment is known by then.
        waiting = list(DebtorProposal.objects.select_for_update(of=("self",)).filter(dismissed_at__isnull=True))
        rows = DebtorProposal.objects.annotate(keys=ArrayAgg("buyers")).order_by()
        dismissed = [
            Dismissal(frozenset(keys), debtor_id)
            for keys, debtor_id in rows.filter(dismissed_at__isnull=False).values_list("keys", "debtor_id")
        ]
        kept = {frozenset(row.keys): row for row in rows.filter(pk__in=[row.pk for row in waiting])}
        for found in matching.proposals(dismissed=dismissed):
            _keep(found, kept.pop(frozenset(buyer.pk for buyer in found.buyers), None), at=at)
        DebtorProposal.objects.filter(pk__in=[row.pk for row in kept.values()]).delete()
    return True


def _keep(found: Proposal, row: DebtorProposal | None, *, at: datetime) -> None:
    told = {"kinds": list(found.kinds), "score": found.score, "debtor_id": found.debtor_id}
    if row is None:
        DebtorProposal.objects.create(found_at=at, **told).buyers.set(found.buyers)
    elif any(getattr(row, name) != value for name, value in told.items()):
        DebtorProposal.objects.filter(pk=row.pk).update(**told)


def dismiss(*, proposal: DebtorProposal, by: User | None, at: datetime, reason: str) -> DebtorProposal:
    """These buyers are not one company. Raises ProposalRefused where that was said already, NotAllowed."""
    staff = roles.require(by, PERMISSION)
    with transaction.atomic():
        row = DebtorProposal.objects.select_for_update(of=("self",)).filter(pk=proposal.pk).first()
        if row is None or row.dismissed_at is not None:
            raise ProposalRefused("It was decided in the meantime. Look again.")
        row.dismissed_at, row.dismissed_by, row.reason = at, staff, reason
        row.save(update_fields=["dismissed_at", "dismissed_by", "reason"])
        _record("debtor.proposal_dismissed", row, by=staff, at=at, reason=reason)
        return row


def take_back(*, proposal: DebtorProposal, by: User | None, at: datetime) -> None:
    """Propose them again, as far as they look alike still. Raises ProposalRefused where none was dismissed, NotAllowed.

    Another dismissal that names all of them holds all the same.
    """
    staff = roles.require(by, PERMISSION)
    with transaction.atomic():
        row = DebtorProposal.objects.select_for_update(of=("self",)).filter(pk=proposal.pk).first()
        if row is None or row.dismissed_at is None:
            raise ProposalRefused("It was taken back in the meantime.")
        _record("debtor.dismissal_taken_back", row, by=staff, at=at)
        row.delete()
        refresh(at=at)


def set_apart(*, buyer: Buyer, debtor: Debtor, by: User, at: datetime, reason: str) -> None:
    """Staff took `buyer` out of `debtor`: it is not to be proposed for it again. In the caller's transaction."""
    others = list(debtor.buyers.exclude(pk=buyer.pk))
    if not others:
        return
    row = DebtorProposal.objects.create(
        debtor=debtor, found_at=at, dismissed_at=at, dismissed_by=by, reason=reason or "Taken out of its debtor."
    )
    row.buyers.set([buyer, *others])
    _record("debtor.proposal_dismissed", row, by=by, at=at, reason=reason)


def close(*, joined: Iterable[Buyer]) -> None:
    """Remove what was proposed and is joined now. In the caller's transaction."""
    asked = DebtorProposal.objects.filter(dismissed_at__isnull=True, buyers__in=list(joined)).distinct()
    for row in asked:
        if not row.buyers.filter(debtor__isnull=True).exists():
            row.delete()


def _record(event: str, row: DebtorProposal, *, by: User, at: datetime, reason: str = "") -> None:
    details = {"buyers": sorted(row.buyers.order_by().values_list("pk", flat=True)), "debtor": row.debtor_id}
    audit.record(event=event, subject=row, by=by, at=at, reason=reason, details=details)
