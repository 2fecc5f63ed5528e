"""The way of a new supplier to the first request: the checklist on Home, and the next step that empty pages name.

What is done is read from the rows that show it. The checklist is empty after the first request.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from infactor.financing.models import FinancingRequest
from infactor.invoices.models import CompanyFile
from infactor.invoices.models.company_file import BY_HAND
from infactor.suppliers.models import Application, BankAccount, Supplier

CONNECT = "connect"


@dataclass(frozen=True)
class Step:
    """One step. `url` is empty where the supplier can do nothing now; `text` then says what it waits for.

    `other_url` leads to another way of doing the same.
    """

    title: str
    text: str
    is_done: bool
    url: str = ""
    action_text: str = ""
    other_url: str = ""
    other_text: str = ""
    key: str = ""


def checklist(*, supplier: Supplier, application_status: str) -> list[Step]:
    """The steps up to the first request, in order; none once a request was made. At most three queries."""
    is_over = FinancingRequest.objects.filter(supplier=supplier).exists()
    return [] if is_over else first_steps(supplier=supplier, application_status=application_status)


def first_steps(*, supplier: Supplier, application_status: str) -> list[Step]:
    """The steps of a supplier that never made a request. At most two queries."""
    accounts = BankAccount.objects.filter(supplier=supplier).values_list("status", flat=True)
    is_approved = application_status == Application.Status.APPROVED
    return [
        # Nobody gets in before.
        Step(_("Create your account"), _("Your email address is confirmed."), is_done=True),
        _connect(supplier),
        _application(application_status),
        _bank_account(set(accounts)),
        Step(
            _("Request your first advance"),
            _("Choose invoices and see what you get and what it costs. There is no obligation."),
            is_done=False,
            url=reverse("dashboard:financing_request_new") if is_approved else "",
            action_text=_("Request financing"),
        ),
    ]


def open_connect_step(steps: Sequence[Step]) -> Step | None:
    """The step that brings the invoices, which is done in the card of QuickBooks; None once it is done."""
    return next((step for step in steps if step.key == CONNECT and not step.is_done), None)


def next_open_step(steps: Sequence[Step]) -> Step | None:
    """The first step that the supplier can do now."""
    return next((step for step in steps if not step.is_done and step.url), None)


def next_step(*, supplier: Supplier) -> Step:
    """What the supplier can do next, for pages that have nothing to show yet."""
    status = Application.objects.filter(supplier=supplier).values_list("status", flat=True).first()
    found = next_open_step(checklist(supplier=supplier, application_status=status or Application.Status.DRAFT))
    if found is not None:
        return found
    if status == Application.Status.APPROVED:
        return Step(
            _("Request financing"),
            "",
            is_done=False,
            url=reverse("dashboard:financing_request_new"),
            action_text=_("Request financing"),
        )
    return Step(
        _("View invoices"), "", is_done=False, url=reverse("dashboard:invoices"), action_text=_("View invoices")
    )


def _connect(supplier: Supplier) -> Step:
    """Done once the first import has read everything, or an invoice was entered by hand."""
    with_invoices = Q(source=BY_HAND) | Q(as_of__isnull=False)
    return Step(
        _("Connect QuickBooks"),
        _("Your invoices appear here, with what you can get for each."),
        is_done=CompanyFile.objects.filter(with_invoices, supplier=supplier).exists(),
        url=reverse("quickbooks:home"),
        action_text=_("Connect QuickBooks"),
        other_url=reverse("dashboard:invoice_new"),
        other_text=_("Add an invoice by hand"),
        key=CONNECT,
    )


def _application(status: str) -> Step:
    text = _("Tell us about your company and its owners, and accept the agreement. It takes about six minutes.")
    action = _("Start your application")
    if status == Application.Status.SUBMITTED:
        text = _("We are checking your company. We will email you our decision.")
    elif status == Application.Status.APPROVED:
        text = _("Your company is approved.")
    elif status == Application.Status.ON_HOLD:
        text, action = _("Your application is on hold. We need more information."), _("View application")
    elif status == Application.Status.REFUSED:
        text = _("Your application was refused. You can correct it and apply again.")
        action = _("View application")
    return Step(
        _("Apply for financing"),
        text,
        is_done=status in (Application.Status.SUBMITTED, Application.Status.APPROVED),
        url=reverse("dashboard:application"),
        action_text=action,
    )


def _bank_account(statuses: set[str]) -> Step:
    is_entered = bool(statuses & {BankAccount.Status.IN_USE, BankAccount.Status.WAITING})
    text = _("Where we pay your advances. We confirm it with you before the first payout.")
    if is_entered and BankAccount.Status.IN_USE not in statuses:
        text = _("We are confirming your account with you.")
    return Step(
        _("Add your bank account"),
        text,
        is_done=is_entered,
        url=reverse("dashboard:bank"),
        action_text=_("Add bank account"),
    )
