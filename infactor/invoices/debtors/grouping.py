"""Groups buyers of several suppliers into one debtor, and removes them again. Only staff decide this.

What is known about a debtor affects every supplier that sells to it, so each change here increments the revision of all
company files concerned. Lock order: the debtor, the company files, the buyers.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from infactor.core import audit
from infactor.invoices.customer_hierarchy import root_customer
from infactor.invoices.debtors import suggestions
from infactor.invoices.debtors.email_domains import company_domains
from infactor.invoices.debtors.tax_ids import is_complete
from infactor.invoices.ingest import revisions
from infactor.invoices.models import Buyer, Debtor
from infactor.users import roles
from infactor.users.models import User

PERMISSION = suggestions.PERMISSION
EDITABLE_FIELDS = frozenset({"name", "tax_id", "email_domain", "address", "country", "is_business", "note"})


class GroupingError(Exception):
    """The buyers cannot be grouped like this; the message says why. Nothing was written."""


def join(*, buyers: Sequence[Buyer], debtor: Debtor | None, name: str, by: User | None, at: datetime) -> Debtor:
    """Add `buyers` to `debtor`, or to a new one called `name` with the details that the books have of them.

    Adding a buyer again changes nothing. Raises GroupingError for a sub-customer and for a buyer of another debtor,
    roles.NotAllowed.
    """
    staff = roles.require(by, PERMISSION)
    if not buyers:
        raise GroupingError(_("Choose at least one buyer."))
    with transaction.atomic():
        debtor = _create(name=name, buyers=buyers, by=staff, at=at) if debtor is None else _locked(debtor)
        _increment_revisions(debtor, others=buyers)
        joined = _join(buyers=buyers, debtor=debtor, at=at)
        suggestions.delete_completed(joined=joined)
        for buyer in joined:
            _record("buyer.joined", buyer, debtor=debtor, by=staff, at=at)
        return debtor


def remove(*, buyer: Buyer, by: User | None, at: datetime, reason: str = "") -> Buyer:
    """Remove `buyer` from its debtor. It is not suggested for that debtor again.

    Raises GroupingError if it has no debtor, roles.NotAllowed.
    """
    staff = roles.require(by, PERMISSION)
    with transaction.atomic():
        debtor = Debtor.objects.select_for_update(no_key=True, of=("self",)).filter(buyers=buyer.pk).first()
        if debtor is None:
            raise GroupingError(_("This buyer belongs to no debtor."))
        _increment_revisions(debtor, others=())
        locked = Buyer.objects.select_for_update(of=("self",)).get(pk=buyer.pk)
        if locked.debtor_id != debtor.pk:
            raise GroupingError(_("This buyer was moved in the meantime. Reload the page."))
        locked.debtor = None
        Buyer.objects.filter(pk=locked.pk).update(debtor=None, updated_at=at)
        _record("buyer.left", locked, debtor=debtor, by=staff, at=at, reason=reason)
        suggestions.split_off(buyer=locked, debtor=debtor, by=staff, at=at, reason=reason)
        return locked


def get_or_create_debtor(*, buyer: Buyer, by: User | None, at: datetime) -> Debtor:
    """The debtor of the root customer of `buyer`, created if there is none. Raises roles.NotAllowed."""
    roles.require(by, PERMISSION)
    root = Buyer.objects.select_related("debtor").get(pk=root_customer(buyer=buyer).pk)
    if root.debtor is not None:
        return root.debtor
    return join(buyers=[root], debtor=None, name=str(root), by=by, at=at)


def update(*, debtor: Debtor, changes: Mapping[str, object], by: User | None, at: datetime) -> Debtor:
    """Change fields of `debtor`, all of EDITABLE_FIELDS. Raises GroupingError without a name, roles.NotAllowed."""
    staff = roles.require(by, PERMISSION)
    if unknown := changes.keys() - EDITABLE_FIELDS:
        raise ValueError(f"Not editable: {sorted(unknown)}.")
    with transaction.atomic():
        locked = _locked(debtor)
        changed = [field for field, value in changes.items() if getattr(locked, field) != value]
        if not changed:
            return locked
        for field in changed:
            setattr(locked, field, changes[field])
        if not locked.name.strip():
            raise GroupingError(_("A debtor needs a name."))
        _increment_revisions(locked, others=())
        locked.save()
        audit.record(event="debtor.updated", subject=locked, by=staff, at=at, details={"fields": sorted(changed)})
        return locked


def _create(*, name: str, buyers: Iterable[Buyer], by: User, at: datetime) -> Debtor:
    """A new debtor with the first details that the books of its buyers give."""
    if not name.strip():
        raise GroupingError(_("A debtor needs a name."))
    buyers = list(buyers)
    debtor = Debtor.objects.create(
        name=name.strip()[:500],
        tax_id=next((one.tax_id for one in buyers if is_complete(one.tax_id)), ""),
        email_domain=next((domain for one in buyers for domain in company_domains(one.email)), "")[:253],
        address=next((one.address for one in buyers if one.address), ""),
        created_by=by,
    )
    audit.record(event="debtor.created", subject=debtor, by=by, at=at)
    return debtor


def _join(*, buyers: Sequence[Buyer], debtor: Debtor, at: datetime) -> list[Buyer]:
    """Add `buyers` to `debtor`; returns those that were not in it before, locked."""
    keys = {buyer.pk for buyer in buyers}
    locked = Buyer.objects.select_for_update(of=("self",)).select_related("debtor", "parent").filter(pk__in=keys)
    joined = []
    for buyer in locked.order_by("pk"):
        if buyer.parent is not None:
            raise GroupingError(
                _("%(buyer)s is a sub-customer of %(parent)s: join that customer instead.")
                % {"buyer": buyer, "parent": buyer.parent}
            )
        if buyer.debtor is not None and buyer.debtor_id != debtor.pk:
            raise GroupingError(
                _("%(buyer)s already belongs to %(debtor)s: remove it there first.")
                % {"buyer": buyer, "debtor": buyer.debtor}
            )
        if buyer.debtor_id is None:
            joined.append(buyer)
    Buyer.objects.filter(pk__in=[buyer.pk for buyer in joined]).update(debtor=debtor, updated_at=at)
    return joined


def _increment_revisions(debtor: Debtor, *, others: Collection[Buyer]) -> None:
    """Have eligibility recalculated for every supplier that sells to the debtor."""
    files = set(debtor.buyers.order_by().values_list("company_file_id", flat=True))
    revisions.increment(company_file_ids=files | {buyer.company_file_id for buyer in others})


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
