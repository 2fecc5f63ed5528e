"""Which vendor is which buyer: joined by infactor where that is certain, else a question that staff answer.

Lock order: the company file, then its matches.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from infactor.core import audit
from infactor.core.bulk import InArray
from infactor.invoices.contra import matching
from infactor.invoices.debtors import suggestions
from infactor.invoices.ingest import revisions
from infactor.invoices.models import Buyer, CompanyFile, Vendor, VendorMatch
from infactor.users import roles
from infactor.users.models import User

PERMISSION = suggestions.PERMISSION
State = VendorMatch.State
COMPARED = ("name", "company_name", "email", "phone", "address", "tax_id", "currency")


class MatchError(Exception):
    """The decision is not possible; the message says why. Nothing was written."""


def refresh(*, company_file: CompanyFile, at: datetime, buyers: Sequence[str] | None = None) -> None:
    """Fit the undecided matches of these books to its vendors and buyers, in the caller's transaction.

    With `buyers`, references of buyers, only those are compared, with all vendors. Whoever calls holds the lock of the
    company file.
    """
    known = list(Vendor.objects.filter(company_file=company_file).only(*COMPARED, "deleted_at", "is_erased"))
    if not known:
        return
    vendors = [one for one in known if one.deleted_at is None and not one.is_erased]
    rows = VendorMatch.objects.filter(vendor__company_file=company_file)
    customers = Buyer.objects.filter(company_file=company_file, parent=None, is_active=True, is_erased=False)
    if buyers is not None:
        rows = rows.filter(InArray("buyer__reference", buyers))
        customers = customers.filter(InArray("reference", buyers))
    pairs = matching.find_pairs(vendors=vendors, buyers=customers.only(*COMPARED).order_by("pk"))
    stored = {(row.vendor_id, row.buyer_id): row for row in rows}
    gone = [row for pair, row in stored.items() if row.decided_by_id is None and pair not in pairs]
    VendorMatch.objects.bulk_create(
        VendorMatch(vendor_id=vendor, buyer_id=buyer, kinds=list(kinds))
        for (vendor, buyer), kinds in pairs.items()
        if (vendor, buyer) not in stored
    )
    for pair, row in stored.items():
        if pair in pairs and list(pairs[pair]) != row.kinds:
            VendorMatch.objects.filter(pk=row.pk).update(kinds=list(pairs[pair]), updated_at=at)
    VendorMatch.objects.filter(pk__in=[row.pk for row in gone]).delete()
    touched = {vendor for vendor, _ in pairs} | {row.vendor_id for row in stored.values()}
    has_changed = _settle(company_file, vendors=touched, at=at)
    if has_changed or any(row.state == State.JOINED for row in gone):
        revisions.increment(company_file_ids=[company_file.pk])


def join(*, vendor: Vendor, buyer: Buyer, by: User | None, at: datetime, reason: str = "") -> VendorMatch:
    """Staff say that `vendor` is `buyer`, whether infactor suggested it or not.

    Raises MatchError if it is another buyer already, or of other books, or a sub-customer; roles.NotAllowed.
    """
    staff = roles.require(by, PERMISSION)
    if vendor.company_file_id != buyer.company_file_id:
        raise MatchError(gettext("They are in different books: what is owed in one is not set off in the other."))
    if buyer.parent_id is not None:
        raise MatchError(gettext("%(buyer)s is a sub-customer: choose the customer above it.") % {"buyer": buyer})
    with transaction.atomic():
        revisions.increment(company_file_ids=[vendor.company_file_id])
        other = VendorMatch.objects.filter(vendor=vendor, state=State.JOINED).exclude(buyer=buyer).first()
        if other is not None:
            raise MatchError(
                gettext("%(vendor)s is joined with %(buyer)s: undo that first.")
                % {"vendor": vendor, "buyer": other.buyer}
            )
        row, _ = VendorMatch.objects.select_for_update(of=("self",)).get_or_create(vendor=vendor, buyer=buyer)
        return _decide(row, State.JOINED, by=staff, at=at, reason=reason)


def dismiss(*, match: VendorMatch, by: User | None, at: datetime, reason: str) -> VendorMatch:
    """Staff say that they are not one company, even if infactor joined them. Raises MatchError, roles.NotAllowed."""
    staff = roles.require(by, PERMISSION)
    with transaction.atomic():
        row = _locked(match)
        return _decide(row, State.DISMISSED, by=staff, at=at, reason=reason)


def undo(*, match: VendorMatch, by: User | None, at: datetime, reason: str = "") -> None:
    """Forget staff's decision: infactor decides again. Raises MatchError if there is none, roles.NotAllowed."""
    staff = roles.require(by, PERMISSION)
    with transaction.atomic():
        row = _locked(match)
        if row.decided_by_id is None:
            raise MatchError(gettext("Staff have decided nothing about these two. Reload the page."))
        audit.record(
            event="vendor.decision_undone",
            subject=row,
            by=staff,
            at=at,
            supplier_id=row.vendor.supplier_id,
            reason=reason,
            details=_details(row, before=row.state),
        )
        row.state, row.decided_by, row.decided_at, row.reason = State.SUGGESTED, None, None, ""
        row.save()
        refresh(company_file=row.vendor.company_file, at=at)


def _locked(match: VendorMatch) -> VendorMatch:
    """The match as it is now, with the books locked and due for recalculation."""
    revisions.increment(company_file_ids=[match.vendor.company_file_id])
    row = (
        VendorMatch.objects.select_for_update(of=("self",))
        .select_related("vendor__company_file", "buyer")
        .filter(pk=match.pk)
        .first()
    )
    if row is None:
        raise MatchError(gettext("They are no longer similar. Reload the page."))
    return row


def _decide(row: VendorMatch, state: VendorMatch.State, *, by: User, at: datetime, reason: str) -> VendorMatch:
    if row.state == state and row.decided_by_id is not None:
        raise MatchError(gettext("It was decided in the meantime. Reload the page."))
    before = row.state
    row.state, row.decided_by, row.decided_at, row.reason = state, by, at, reason
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise MatchError(gettext("The vendor was joined with another buyer in the meantime.")) from error
    audit.record(
        event=f"vendor.{state.value}",
        subject=row,
        by=by,
        at=at,
        supplier_id=row.vendor.supplier_id,
        reason=reason,
        details=_details(row, before=before),
    )
    return row


def _settle(company_file: CompanyFile, *, vendors: Iterable[int], at: datetime) -> bool:
    """Join each vendor with the one buyer that it certainly is. Returns whether any join began or ended.

    Among several the one in the vendor's currency is it: QuickBooks keeps a customer and a vendor for each currency.
    """
    by_vendor: dict[int, list[VendorMatch]] = defaultdict(list)
    rows = VendorMatch.objects.filter(InArray("vendor_id", vendors)).select_related("vendor", "buyer").order_by("pk")
    for row in rows:
        by_vendor[row.vendor_id].append(row)
    changes = []
    for matches in by_vendor.values():
        undecided = [row for row in matches if row.decided_by_id is None]
        chosen = None
        if all(row.decided_by_id is None or row.state == State.DISMISSED for row in matches):
            chosen = _certain(undecided)
        for row in undecided:
            state = State.JOINED if row is chosen else State.SUGGESTED
            if row.state != state:
                changes.append((row, state))
    # Ends first: a vendor is never two buyers, not even between two statements.
    for row, state in sorted(changes, key=lambda one: one[1] == State.JOINED):
        before, row.state, row.decided_at = row.state, state, at if state == State.JOINED else None
        row.save()
        audit.record(
            event=f"vendor.{state.value}",
            subject=row,
            by=None,
            at=at,
            supplier_id=company_file.supplier_id,
            details=_details(row, before=before),
        )
    return bool(changes)


def _certain(matches: Sequence[VendorMatch]) -> VendorMatch | None:
    certain = [row for row in matches if matching.is_certain(row.kinds)]
    if len(certain) > 1:
        certain = [row for row in certain if row.buyer.currency == row.vendor.currency]
    return certain[0] if len(certain) == 1 else None


def _details(row: VendorMatch, *, before: str) -> dict[str, object]:
    return {"vendor": row.vendor_id, "buyer": row.buyer_id, "from": before, "to": row.state, "kinds": row.kinds}
