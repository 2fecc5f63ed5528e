"""What a supplier has to do, and what comes next: for its home."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from infactor.core import money
from infactor.dashboard.financing.advances import Funded
from infactor.financing.accounting.positions import ZERO, Account
from infactor.financing.models import OUT, Advance, Case, Offer
from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from infactor.suppliers.models import Application, BankAccount, Supplier
from infactor.verification.models import Verification

EVENTS_SHOWN = 8
INVOICES_NAMED = 3


@dataclass(frozen=True)
class Task:
    """Something that waits for the supplier: what, why, and the one page that ends it."""

    tone: str
    title: str
    text: str
    url: str
    action: str


@dataclass(frozen=True)
class Event:
    """Something that a day brings, the invoice that it is about and how much, if any; `note` is what is in its way."""

    on: date
    what: str
    about: str
    url: str
    note: str = ""
    amount: str = ""


def application_status(*, supplier: Supplier) -> str:
    """How far the application of `supplier` is; one that was never begun is a draft."""
    status = Application.objects.filter(supplier=supplier).values_list("status", flat=True).first()
    return str(status or Application.Status.DRAFT)


def tasks(*, supplier: Supplier, status: str, offers: Sequence[Offer], accounts: Iterable[Account]) -> list[Task]:
    """Everything that waits for `supplier` now. `status` is its application's, `offers` are those that are open."""
    return [
        *_of_the_company(supplier, status),
        *(_answer(offer) for offer in offers),
        *_of_cases(supplier),
        *_of_buyers(supplier),
        *(_owes(one) for one in accounts if one.owed > 0),
    ]


def events(*, supplier: Supplier, offers: Sequence[Offer], funded: Sequence[Funded]) -> list[Event]:
    """What comes next, the nearest day first."""
    found = [
        Event(_day(offer.expires_at, supplier), "Offer expires", "", _offer_url(offer), amount=_cash(offer))
        for offer in offers
    ]
    for one in funded:
        if one.advance.status != Advance.Status.FUNDED:
            continue
        invoice = one.advance.invoice
        url = reverse("dashboard:invoice", args=[invoice.public_id])
        note = one.status.text if one.dispute is not None else ""
        if invoice.payable_date:
            owed = money.text(one.position.receivable, one.advance.currency)
            found.append(Event(invoice.payable_date, "Buyer's payment is due", str(invoice), url, note, owed))
        found.append(Event(one.advance.recourse_on, "Recourse date: unpaid, you buy it back", str(invoice), url, note))
    return sorted(found, key=lambda event: (event.on, event.what, event.about))[:EVENTS_SHOWN]


def _of_the_company(supplier: Supplier, status: str) -> Iterator[Task]:
    url = reverse("dashboard:application")
    if status == Application.Status.ON_HOLD:
        yield Task("warn", "Your application is on hold.", "Read what we need to know.", url, "Read it")
    if status == Application.Status.SUBMITTED:
        yield Task("info", "We are checking your company.", "You hear from us by mail.", url, "See what you sent")
    if status == Application.Status.REFUSED:
        yield Task("warn", "Your application was refused.", "You can correct it and apply again.", url, "Read why")
    if status == Application.Status.APPROVED and not _is_payable(supplier):
        bank = reverse("dashboard:bank")
        yield Task("warn", "We cannot pay you yet.", "No bank account of yours is confirmed.", bank, "Bank accounts")


def _is_payable(supplier: Supplier) -> bool:
    return BankAccount.objects.filter(supplier=supplier, status=BankAccount.Status.IN_USE).exists()


def _answer(offer: Offer) -> Task:
    return Task(
        "info",
        f"An offer of {_cash(offer)} waits for your answer.",
        "See what it costs, and accept or decline it.",
        _offer_url(offer),
        "Look at the offer",
    )


def _cash(offer: Offer) -> str:
    return money.text(sum((line.advance for line in offer.lines.all()), start=ZERO), offer.currency)


def _of_cases(supplier: Supplier) -> Iterator[Task]:
    rows = Case.objects.filter(supplier=supplier, closed_at__isnull=True, advance__status__in=OUT)
    for case in rows.select_related("advance__invoice").order_by("opened_at", "pk"):
        invoice = case.advance.invoice
        url = reverse("dashboard:invoice", args=[invoice.public_id])
        if case.kind == Case.Kind.RECOURSE:
            title, text = f"Invoice {invoice} reached its recourse date.", "Your buyer has not paid: you buy it back."
        else:
            title, text = f"Invoice {invoice} is disputed.", "What is held for it is not released until that is over."
        yield Task("warn", title, text, url, "See the invoice")


def _of_buyers(supplier: Supplier) -> Iterator[Task]:
    drafted = Verification.objects.filter(supplier=supplier, status=Verification.Status.DRAFTED)
    for one in drafted.select_related("invoice").order_by("pk")[:INVOICES_NAMED]:
        url = reverse("dashboard:verify", args=[one.invoice.public_id])
        title = f"A mail to the buyer of invoice {one.invoice} is drafted."
        yield Task("info", title, "It goes out as soon as you approve its text.", url, "Look at the text")
    rejected = Invoice.objects.of(supplier).filter(state=State.REJECTED).only("public_id", "invoice_no", "supplier")
    for invoice in rejected.order_by("-pk")[:INVOICES_NAMED]:
        url = reverse("dashboard:invoice", args=[invoice.public_id])
        title = f"Your buyer says that something is wrong with invoice {invoice}."
        yield Task("warn", title, "Clear it up, then submit it again.", url, "See what it says")


def _owes(account: Account) -> Task:
    title = f"You owe {money.text(account.owed, account.currency)}."
    return Task("warn", title, "The statement says what for.", reverse("dashboard:statement"), "See the statement")


def _offer_url(offer: Offer) -> str:
    return reverse("dashboard:offer", args=[offer.public_id])


def _day(moment: datetime, supplier: Supplier) -> date:
    return moment.astimezone(supplier.zone).date()
