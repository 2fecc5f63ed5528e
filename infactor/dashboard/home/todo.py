"""A supplier's tasks and upcoming events, for the home page."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from infactor.core import money
from infactor.core.dates import format_day
from infactor.core.plain_text import to_plain_text
from infactor.dashboard.financing.advances import FundedAdvance
from infactor.dashboard.home.task import Task
from infactor.dashboard.home.verification_tasks import verification_tasks
from infactor.financing.accounting.positions import ZERO, SupplierBalance
from infactor.financing.models import AcceptanceProposal, Advance, Case, FinancingRequest, Offer
from infactor.financing.origination import proposals
from infactor.suppliers import access
from infactor.suppliers.models import Application, BankAccount, Supplier
from infactor.users.models import User

MAX_EVENTS = 8
MAX_CASES = 5


@dataclass(frozen=True)
class Event:
    """An upcoming event. `invoice_no` and `amount_text` may be empty; `note` says why the event may be delayed."""

    day: date
    title: str
    invoice_no: str
    url: str
    note: str = ""
    amount_text: str = ""


def application_status(*, supplier: Supplier) -> str:
    """The status of the supplier's application; DRAFT if there is none yet."""
    status = Application.objects.filter(supplier=supplier).values_list("status", flat=True).first()
    return str(status or Application.Status.DRAFT)


class Standing(NamedTuple):
    """How far a supplier is: the status of its application, and whether it has an account and ever asked for money."""

    application: str
    has_account: bool
    has_requested: bool


def standing_of(supplier: Supplier) -> Standing:
    """The standing of `supplier`, in one query."""
    of_supplier = {"supplier": OuterRef("pk")}
    status, has_account, has_requested = (
        Supplier.objects.filter(pk=supplier.pk)
        .values_list(
            Subquery(Application.objects.filter(**of_supplier).values("status")[:1]),
            Exists(BankAccount.objects.filter(**of_supplier, status=BankAccount.Status.IN_USE)),
            Exists(FinancingRequest.objects.filter(**of_supplier)),
        )
        .get()
    )
    return Standing(str(status or Application.Status.DRAFT), has_account, has_requested)


def tasks(
    *,
    supplier: Supplier,
    user: User,
    standing: Standing,
    offers: Sequence[Offer],
    funded_advances: Sequence[FundedAdvance],
    accounts: Iterable[SupplierBalance],
    is_onboarding: bool = False,
) -> list[Task]:
    """All open tasks of `supplier` for `user`; `offers` are the open offers.

    The application is in the checklist of onboarding.
    """
    proposed = proposals.waiting_by_offer(offers=offers, at=timezone.now())
    is_confirmer = bool(proposed) and access.is_owner(user=user, supplier=supplier)
    return [
        *([] if is_onboarding else _application_tasks(standing)),
        *(
            _proposal_task(offer, proposed[offer.pk], user=user, is_confirmer=is_confirmer)
            if offer.pk in proposed
            else _offer_task(offer)
            for offer in offers
        ),
        *_case_tasks(funded_advances),
        *verification_tasks(supplier),
        *(_debt_task(one) for one in accounts if one.due_from_supplier > 0),
    ]


def upcoming_events(
    *,
    supplier: Supplier,
    offers: Sequence[Offer],
    funded_advances: Sequence[FundedAdvance],
    limit: int | None = MAX_EVENTS,
) -> list[Event]:
    """The next `limit` events, the earliest first; all with None."""
    found = [
        Event(
            _local_day(offer.expires_at, supplier),
            _("Offer expires"),
            "",
            _offer_url(offer),
            amount_text=_cash_text(offer),
        )
        for offer in offers
    ]
    for one in funded_advances:
        if one.advance.status != Advance.Status.FUNDED:
            continue
        invoice = one.advance.invoice
        url = reverse("dashboard:invoice", args=[invoice.public_id])
        note = str(one.status.text) if one.dispute is not None else ""
        if due_on := one.advance.due_on:
            owed = money.format_amount(one.position.receivable, one.advance.currency)
            found.append(Event(due_on, _("Buyer's payment due"), str(invoice), url, note, owed))
        found.append(Event(one.advance.recourse_on, _("Repurchase due if unpaid"), str(invoice), url, note))
    return sorted(found, key=lambda event: (event.day, event.title, event.invoice_no))[:limit]


def _application_tasks(standing: Standing) -> Iterator[Task]:
    url = reverse("dashboard:application")
    status = standing.application
    if status == Application.Status.ON_HOLD:
        yield Task(
            "warn", _("Your application is on hold."), _("We need more information."), url, _("View application")
        )
    if status == Application.Status.SUBMITTED:
        yield Task(
            "info", _("We are checking your company."), _("We will email you our decision."), url, _("View application")
        )
    if status == Application.Status.REFUSED:
        yield Task(
            "warn",
            _("Your application was refused."),
            _("You can correct it and apply again."),
            url,
            _("View application"),
        )
    if status == Application.Status.APPROVED and not standing.has_account:
        bank = reverse("dashboard:bank")
        yield Task(
            "warn", _("We cannot pay you yet."), _("You have no confirmed bank account."), bank, _("View bank accounts")
        )


def _offer_task(offer: Offer) -> Task:
    return Task(
        "info",
        _("You have an offer of %(cash_text)s.") % {"cash_text": _cash_text(offer)},
        _("See what it costs, then accept or decline it."),
        _offer_url(offer),
        _("Review offer"),
    )


def _proposal_task(offer: Offer, proposal: AcceptanceProposal, *, user: User, is_confirmer: bool) -> Task:
    """What `user` can do about an offer that somebody has proposed to accept."""
    values = {"cash_text": _cash_text(offer), "person": proposal.proposed_by.email}
    if proposal.proposed_by_id == user.pk:
        title = _("You proposed to accept an offer of %(cash_text)s.") % values
        return Task("info", title, _("Another owner has to confirm it today."), _offer_url(offer), _("View proposal"))
    if is_confirmer:
        title = _("Confirm your colleague's proposal to accept %(cash_text)s.") % values
        text = _("%(person)s proposed it. It counts once you confirm it, and only today.") % values
        return Task("warn", title, text, _offer_url(offer), _("Review proposal"))
    title = _("%(person)s proposed to accept an offer of %(cash_text)s.") % values
    return Task("info", title, _("An owner has to confirm it today."), _offer_url(offer), _("View proposal"))


def _cash_text(offer: Offer) -> str:
    return money.format_amount(sum((line.advance for line in offer.lines.all()), start=ZERO), offer.currency)


def _case_tasks(rows: Sequence[FundedAdvance]) -> Iterator[Task]:
    found = [(case, row.advance.invoice) for row in rows for case in row.cases]
    found.sort(key=lambda one: (one[0].opened_at, one[0].pk))
    for case, invoice in found[:MAX_CASES]:
        url = reverse("dashboard:invoice", args=[invoice.public_id])
        buyer = to_plain_text(invoice.company_name, multiline=False) or _("Your buyer")
        title, text = _case_words(case, str(invoice), buyer=buyer)
        yield Task("warn", title, text, url, _("View invoice"))
    more = len(found) - MAX_CASES
    if more > 0:
        title = ngettext("%(number)s more invoice needs you.", "%(number)s more invoices need you.", more)
        url = reverse("dashboard:financing")
        yield Task("warn", title % {"number": more}, _("See them all under Financing."), url, _("View all"))


def _case_words(case: Case, invoice: str, *, buyer: str) -> tuple[str, str]:
    """The title and the sentence of a case."""
    held = (
        _("We are holding the reserve, and we will make no new offers until this is resolved.")
        if case.holds_offers
        else ""
    )
    match case.kind:
        case Case.Kind.RECOURSE:
            return (
                _("Invoice %(invoice)s reached its recourse date.") % {"invoice": invoice},
                _("Your buyer has not paid. You must buy the invoice back."),
            )
        case Case.Kind.CHANGED:
            return _("Invoice %(invoice)s has changed in your books since we bought it.") % {
                "invoice": invoice
            }, held or case.reason
        case Case.Kind.MISDIRECTED if case.forward_by is not None:
            day = format_day(case.forward_by)
            return _("Forward the payment for invoice %(invoice)s.") % {"invoice": invoice}, held or _(
                "It must reach us by %(day)s."
            ) % {"day": day}
        case Case.Kind.MISDIRECTED:
            return (
                _("Did your buyer pay you for invoice %(invoice)s?") % {"invoice": invoice},
                held or _("If so, the money belongs to us. Forward it, or correct your books."),
            )
        case Case.Kind.BANKRUPT:
            return (
                _("The buyer of invoice %(invoice)s is insolvent.") % {"invoice": invoice},
                _("We are holding the reserve, and we will write to you."),
            )
    return (
        _("%(buyer)s disputed invoice %(invoice)s.") % {"buyer": buyer, "invoice": invoice},
        _("The reserve is on hold until the dispute is resolved."),
    )


def _debt_task(account: SupplierBalance) -> Task:
    title = _("You owe %(due_from_supplier)s.") % {
        "due_from_supplier": money.format_amount(account.due_from_supplier, account.currency)
    }
    url = reverse("dashboard:pay_debt", args=[account.currency])
    return Task("warn", title, _("See where to send it and what it is for."), url, _("Pay"))


def _offer_url(offer: Offer) -> str:
    return reverse("dashboard:offer", args=[offer.public_id])


def _local_day(moment: datetime, supplier: Supplier) -> date:
    return moment.astimezone(supplier.zone).date()
