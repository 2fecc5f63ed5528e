"""Joining buyers of several suppliers into one debtor, and taking one out again. Staff's decision, always.

What is known of a debtor weighs on every supplier that sells to it: each change here is a change of the facts of all
company files concerned. Locks are taken in one order: the debtor, the company files, the buyers.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from infactor.core import audit
from infactor.invoices.customer_hierarchy import top_of
from infactor.invoices.debtors import suggestions
from infactor.invoices.debtors.email_domains import own_domains
from infactor.invoices.debtors.tax_ids import is_whole
from infactor.invoices.ingest import revisions
from infactor.invoices.models import Buyer, Debtor
from infactor.users import roles
from infactor.users.models import User

PERMISSION = suggestions.PERMISSION
MAY_BE_AMENDED = frozenset({"name", "tax_id", "email_domain", "address", "country", "is_business", "note"})


class JoinRefused(Exception):
    """These buyers cannot be joined; nothing was written. The message says why."""


def join(*, buyers: Sequence[Buyer], debtor: Debtor | None, name: str, by: User | None, at: datetime) -> Debtor:
    """Make `buyers` customers of `debtor`, or of a new one called `name`, with the facts that the books have of them.

    Joining again what is joined changes nothing. Raises JoinRefused for a job and for a buyer of another debtor,
    NotAllowed.
    """
    staff = roles.require(by, PERMISSION)
    if not buyers:
        raise JoinRefused("Choose at least one buyer.")
    with transaction.atomic():
        debtor = _make(name=name, buyers=buyers, by=staff, at=at) if debtor is None else _locked(debtor)
        _announce(debtor, others=buyers)
        joined = _join(buyers=buyers, debtor=debtor, at=at)
        suggestions.close(joined=joined)
        for buyer in joined:
            _record("buyer.joined", buyer, debtor=debtor, by=staff, at=at)
        return debtor


def leave(*, buyer: Buyer, by: User | None, at: datetime, reason: str = "") -> Buyer:
    """Take `buyer` out of its debtor, which stays; it is not proposed for it again.

    Raises JoinRefused where it has none, NotAllowed.
    """
    staff = roles.require(by, PERMISSION)
    with transaction.atomic():
        debtor = Debtor.objects.select_for_update(no_key=True, of=("self",)).filter(buyers=buyer.pk).first()
        if debtor is None:
            raise JoinRefused("This buyer belongs to no debtor.")
        _announce(debtor, others=())
        locked = Buyer.objects.select_for_update(of=("self",)).get(pk=buyer.pk)
        if locked.debtor_id != debtor.pk:
            raise JoinRefused("This buyer was moved in the meantime. Look again.")
        locked.debtor, locked.updated_at = None, at
        locked.save(update_fields=["debtor", "updated_at"])
        _record("buyer.left", locked, debtor=debtor, by=staff, at=at, reason=reason)
        suggestions.set_apart(buyer=locked, debtor=debtor, by=staff, at=at, reason=reason)
        return locked


def of(*, buyer: Buyer, by: User | None, at: datetime) -> Debtor:
    """The debtor of `buyer`, or of its top customer where it is a job; made where there is none. Raises NotAllowed."""
    roles.require(by, PERMISSION)
    top = Buyer.objects.select_related("debtor").get(pk=top_of(buyer=buyer).pk)
    if top.debtor is not None:
        return top.debtor
    return join(buyers=[top], debtor=None, name=str(top), by=by, at=at)


def amend(*, debtor: Debtor, changes: Mapping[str, object], by: User | None, at: datetime) -> Debtor:
    """Write what staff know of `debtor`: fields of MAY_BE_AMENDED. Raises JoinRefused without a name, NotAllowed."""
    staff = roles.require(by, PERMISSION)
    if unknown := changes.keys() - MAY_BE_AMENDED:
        raise ValueError(f"Not for staff to write: {sorted(unknown)}.")
    with transaction.atomic():
        locked = _locked(debtor)
        changed = [field for field, value in changes.items() if getattr(locked, field) != value]
        if not changed:
            return locked
        for field in changed:
            setattr(locked, field, changes[field])
        if not locked.name.strip():
            raise JoinRefused("A debtor needs a name.")
        _announce(locked, others=())
        locked.save()
        audit.record(event="debtor.amended", subject=locked, by=staff, at=at, details={"fields": sorted(changed)})
        return locked


def _make(*, name: str, buyers: Iterable[Buyer], by: User, at: datetime) -> Debtor:
    """A new debtor, whose facts are the first that the books of its buyers give."""
    if not name.strip():
        raise JoinRefused("A debtor needs a name.")
    ones = list(buyers)
    debtor = Debtor.objects.create(
        name=name.strip()[:500],
        tax_id=next((one.tax_id for one in ones if is_whole(one.tax_id)), ""),
        email_domain=next((domain for one in ones for domain in own_domains(one.email)), "")[:253],
        address=next((one.address for one in ones if one.address), ""),
        created_by=by,
    )
    audit.record(event="debtor.made", subject=debtor, by=by, at=at)
    return debtor


def _join(*, buyers: Sequence[Buyer], debtor: Debtor, at: datetime) -> list[Buyer]:
    """Those that were not joined before, locked and written."""
    keys = {buyer.pk for buyer in buyers}
    locked = Buyer.objects.select_for_update(of=("self",)).select_related("debtor", "parent").filter(pk__in=keys)
    joined = []
    for buyer in locked.order_by("pk"):
        if buyer.parent is not None:
            raise JoinRefused(f"{buyer} is a job of {buyer.parent}: join that customer, the job goes with it.")
        if buyer.debtor is not None and buyer.debtor_id != debtor.pk:
            raise JoinRefused(f"{buyer} belongs to {buyer.debtor} already: take it out there first.")
        if buyer.debtor_id is None:
            joined.append(buyer)
    Buyer.objects.filter(pk__in=[buyer.pk for buyer in joined]).update(debtor=debtor, updated_at=at)
    return joined


def _announce(debtor: Debtor, *, others: Collection[Buyer]) -> None:
    """What was weighed on the debtor's facts is to be weighed again, at every supplier that sells to it."""
    files = set(debtor.buyers.order_by().values_list("company_file_id", flat=True))
    revisions.bump(company_file_ids=files | {buyer.company_file_id for buyer in others})


def _locked(debtor: Debtor) -> Debtor:
    return Debtor.objects.select_for_update(no_key=True, of=("self",)).get(pk=debtor.pk)


def _record(event: str, buyer: Buyer, *, debtor: Debtor, by: User, at: datetime, reason: str = "") -> None:
    audit.record(
        event=event,
        subject=buyer,
        by=by,
        at=at,
        supplier_id=buyer.supplier_id,
        reason=reason,
        details={"debtor": debtor.pk},
    )
