"""Purchase blockers: why the money for an invoice must not leave, whether it is still to be decided or is on its way.

The same answer counts when staff decide to pay, when the second person approves, when a batch is made, when its file
is written, and when a payout is prepared again. Once the buyer has paid infactor, only the supplier's standing counts:
the rest of what infactor holds is the supplier's.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import CharField, Exists, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils.translation import gettext as _

from infactor.banking import open_accounts
from infactor.banking.models import HouseAccount
from infactor.core.dates import format_day
from infactor.core.money import MoneyField, format_number
from infactor.financing import holds, remittance_instructions
from infactor.financing.eligibility.catalogue import Rule
from infactor.financing.eligibility.marked_buyers import marks_by_root
from infactor.financing.holds import Holds
from infactor.financing.models import (
    NOT_BOUGHT,
    Advance,
    Case,
    CollectionAllocation,
    DebtorMark,
    Override,
)
from infactor.financing.notices import issuance
from infactor.invoices.customer_hierarchy import roots_of
from infactor.invoices.models import Invoice
from infactor.invoices.selectors import LARGE_COLUMNS
from infactor.invoices.states import BooksStatus
from infactor.ledger.balances import balances_by_purpose
from infactor.ledger.models import ZERO, Entry, Purpose
from infactor.suppliers import financing_status
from infactor.verification.answers import BuyerConfirmation

Status = Advance.Status
GONE = (BooksStatus.VOIDED, BooksStatus.DELETED)


def read(keys: Collection[int]) -> list[Advance]:
    """The advances of these keys as they are now, with all that `of_advances` needs of them."""
    owner = Concat(Value("advance:"), Cast(OuterRef("pk"), CharField()))
    entries = Entry.objects.filter(account__purpose=Purpose.RECEIVABLE, account__owner=owner).order_by()
    left = entries.values("account__owner").annotate(sum=Sum(F("debit") - F("credit"))).values("sum")
    marks = DebtorMark.objects.filter(debtor=OuterRef("buyer__debtor"), ended_at__isnull=True)
    rows = Advance.objects.filter(pk__in=keys).annotate(
        open_now=Coalesce(Subquery(left), ZERO, output_field=MoneyField()), is_marked=Exists(marks)
    )
    rows = rows.select_related("supplier", "buyer", "invoice__buyer", "invoice__supplier", "invoice__company_file")
    return list(rows.defer(*(f"invoice__{name}" for name in LARGE_COLUMNS)).order_by("pk"))


def of_advance(*, advance: Advance, invoice: Invoice, on: date, gives_notice: bool = False) -> list[str]:
    """Everything against paying `advance` on the day `on`, a sentence each. `invoice` is its own, just read."""
    advance.invoice = invoice
    return of_advances(advances=[advance], on=on, gives_notice=gives_notice)[advance.pk]


def of_advances(
    *, advances: Collection[Advance], on: date, gives_notice: bool = False, held: Holds | None = None
) -> dict[int, list[str]]:
    """Everything against paying each of `advances` on infactor's day `on`, by its key. A few queries for any number.

    Each comes with its supplier, its buyer, and its invoice as the books have it now, with the buyer of that.
    `gives_notice`: the buyer is to get a notice with the payment, as it always is with the first. `held`: what holds
    them, where it is read already.
    """
    owed = [one for one in advances if one.status != Status.CANCELLED]
    bought = [one for one in owed if one.status in (Status.ACCEPTED, Status.FUNDED)]
    payees = {(one.supplier_id, one.currency): one.supplier for one in owed}
    standing = financing_status.blockers_of_many(payees=payees, on=on)
    found: dict[int, list[str]] = {one.pk: [] for one in advances}
    for one in owed:
        found[one.pk] += [*_given_up(one), *standing[one.supplier_id, one.currency]]
    if bought:
        held = held or holds.read(advances=bought)
        for one, against in _against_purchases(bought, found=held, on=on, gives_notice=gives_notice):
            found[one.pk] += against
    return found


def _given_up(advance: Advance) -> list[str]:
    """Where it was closed unpaid while its money was out: what came back, or was never sent, must not leave again."""
    if advance.status not in (Status.WRITTEN_OFF, Status.REPURCHASED):
        return []
    given = {"invoice": advance.invoice, "status": str(advance.get_status_display()).lower()}
    return [_("Invoice %(invoice)s is %(status)s. Take that back, then take back the funding.") % given]


def _against_purchases(
    advances: Sequence[Advance], *, found: Holds, on: date, gives_notice: bool
) -> Iterable[tuple[Advance, list[str]]]:
    """What stands against buying each invoice: cases, its debtor, its age, its books, its buyer's answer."""
    marks = _marks(advances)
    without_account = _without_account(advances)
    told_nowhere = remittance_instructions.without_account(currencies={one.currency for one in advances})
    open_here = _open_here(advances)
    paid = _paid(advances)
    elsewhere = _elsewhere(advances)
    waived = _waived(advances, found.confirmations, on=on)
    for one in advances:
        is_first = one.status == Status.ACCEPTED
        is_partly_paid = open_here[one.pk] < one.face
        against = [*_held(one, found), *_mark(marks.get(one.buyer_id)), *_past_recourse(one, on=on)]
        against += _books(one, open_here=open_here[one.pk], is_elsewhere=one.pk in elsewhere)
        if (is_first or gives_notice) and not issuance.recipient(invoice=one.invoice):
            against.append(str(issuance.NO_RECIPIENT))
        if (is_first or gives_notice) and one.currency in told_nowhere:
            against.append(remittance_instructions.missing_account(currency=one.currency))
        is_waived = is_partly_paid or one.pk in waived
        against += _answer(one, found.confirmations.get(one.invoice_id), is_first=is_first, is_waived=is_waived)
        if is_first and one.currency in without_account:
            given = {"currency": one.currency}
            against.append(_("There is no house account in %(currency)s to pay from. Add one first.") % given)
        if one.pk in paid:
            against.append(_("A payment of invoice %(invoice)s is already recorded.") % {"invoice": one.invoice})
        yield one, against


def _held(advance: Advance, found: Holds) -> list[str]:
    """The case that holds the payouts of its supplier, its own first; else what holds its reserve."""
    severe = sorted(found.severe.get(advance.supplier_id, ()), key=lambda case: case.advance_id != advance.pk)
    if severe:
        return [_case(severe[0])]
    return [found.reasons[advance.pk]] if advance.status == Status.FUNDED and advance.pk in found.reasons else []


def _case(case: Case) -> str:
    return _("Case %(number)s holds payouts to this supplier (%(kind)s): decide it, or release its hold.") % {
        "number": case.pk,
        "kind": str(case.get_kind_display()).lower(),
    }


def _marks(advances: Sequence[Advance]) -> dict[int, DebtorMark]:
    """The mark in force of the debtor of each, by the buyer; of those that were not read with it, in one query."""
    roots = {one.buyer_id for one in advances if getattr(one, "is_marked", True)}
    return marks_by_root(roots=roots) if roots else {}


def _mark(mark: DebtorMark | None) -> list[str]:
    if mark is None or mark.kind not in NOT_BOUGHT:
        return []
    given = {"debtor": mark.debtor, "mark": str(mark.get_kind_display()).lower()}
    return [_("The debtor %(debtor)s is marked: %(mark)s.") % given]


def _past_recourse(advance: Advance, *, on: date) -> list[str]:
    if on < advance.recourse_on:
        return []
    given = {"invoice": advance.invoice, "day": format_day(advance.recourse_on)}
    return [_("The recourse date of invoice %(invoice)s has come: %(day)s.") % given]


def _open_here(advances: Sequence[Advance]) -> dict[int, Decimal]:
    """What the buyer owes infactor for each by the ledger; of one that is not funded, its face."""
    found = {one.pk: one.face for one in advances if one.status != Status.FUNDED}
    # Pages have read it with the row.
    found |= {one.pk: one.open_now for one in advances if one.pk not in found and hasattr(one, "open_now")}
    owners = {one.pk: one.ledger_owner for one in advances if one.pk not in found}
    if owners:
        left = balances_by_purpose(purposes=[Purpose.RECEIVABLE], owners=owners.values())[Purpose.RECEIVABLE]
        found |= {key: left[owner] for key, owner in owners.items()}
    return found


def _without_account(advances: Sequence[Advance]) -> set[str]:
    """The currencies of what is still to be decided that no house account can pay.

    Before the first house account is added no payout names one, so that none is missing.
    """
    asked = {one.currency for one in advances if one.status == Status.ACCEPTED}
    if not asked:
        return set()
    currencies = set(open_accounts.choices().order_by().values_list("currency", flat=True).distinct())
    return asked - currencies if currencies or HouseAccount.objects.exists() else set()


def _paid(advances: Sequence[Advance]) -> set[int]:
    """Those that are not funded, and have a payment all the same."""
    accepted = [one.pk for one in advances if one.status == Status.ACCEPTED]
    if not accepted:
        return set()
    rows = CollectionAllocation.objects.filter(advance__in=accepted, reversed_at__isnull=True).order_by()
    return set(rows.values_list("advance_id", flat=True).distinct())


def _books(advance: Advance, *, open_here: Decimal, is_elsewhere: bool) -> list[str]:
    """What the books say of the invoice, other than that its buyer owes it.

    What infactor has collected may be booked already, or not yet: then its balance lies between the two.
    """
    invoice, found = advance.invoice, []
    if invoice.books_status in GONE or (open_here == advance.face and invoice.books_status != BooksStatus.OPEN):
        status = str(invoice.get_books_status_display()).lower()
        found.append(
            _("QuickBooks says that invoice %(invoice)s is %(status)s.") % {"invoice": invoice, "status": status}
        )
    elif invoice.balance is None:
        found.append(_("The open balance of invoice %(invoice)s cannot be read.") % {"invoice": invoice})
    elif not open_here <= invoice.balance <= advance.face:
        given = {
            "invoice": invoice,
            "balance": f"{format_number(invoice.balance, places=2)} {invoice.currency}",
            "bought": format_number(open_here, places=2),
        }
        found.append(_("The open balance of invoice %(invoice)s is %(balance)s, not %(bought)s.") % given)
    if invoice.currency != advance.currency:
        currency = invoice.currency or _("missing")
        found.append(
            _("The currency of invoice %(invoice)s is now %(currency)s.") % {"invoice": invoice, "currency": currency}
        )
    if is_elsewhere:
        given = {"invoice": invoice, "buyer": advance.buyer}
        found.append(_("Invoice %(invoice)s now names a customer other than %(buyer)s.") % given)
    return found


def _elsewhere(advances: Sequence[Advance]) -> set[int]:
    """Those whose invoice now names no customer, or one of another company. A few queries for any number."""
    others = [one for one in advances if one.invoice.buyer_id != one.buyer_id]
    customers = {key for one in others for key in (one.invoice.buyer_id, one.buyer_id) if key is not None}
    roots = roots_of(buyers=customers)
    return {
        one.pk
        for one in others
        if one.invoice.buyer_id is None or roots.get(one.invoice.buyer_id) != roots[one.buyer_id]
    }


def _answer(advance: Advance, confirmation: BuyerConfirmation | None, *, is_first: bool, is_waived: bool) -> list[str]:
    """What the buyer said of the invoice. Of one that is funded, a dispute is a hold, and staff may have decided it."""
    if confirmation is None:
        return []
    if confirmation.is_disputed:
        return [_("The buyer disputes invoice %(invoice)s.") % {"invoice": advance.invoice}] if is_first else []
    if confirmation.has_changed and not is_waived:
        return [_("Invoice %(invoice)s has changed since its buyer confirmed it.") % {"invoice": advance.invoice}]
    return []


def _waived(advances: Sequence[Advance], confirmations: Mapping[int, BuyerConfirmation], *, on: date) -> set[int]:
    """Those whose invoice changed, and of which staff overrode the rule that the buyer confirms it as it is now."""
    changed = [one for one in advances if (said := confirmations.get(one.invoice_id)) and said.has_changed]
    if not changed:
        return set()
    covers = Q(invoice__in={one.invoice_id for one in changed}) | Q(buyer__in={one.buyer_id for one in changed})
    in_force = Q(until=None) | Q(until__gte=on)
    rows = Override.objects.filter(covers, in_force, rule=Rule.VERIFICATION, ended_at__isnull=True)
    found = list(rows.values_list("invoice", "buyer"))
    invoices, buyers = {one for one, __ in found}, {one for __, one in found}
    return {one.pk for one in changed if one.invoice_id in invoices or one.buyer_id in buyers}
