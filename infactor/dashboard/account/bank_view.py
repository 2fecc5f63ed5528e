"""The supplier's bank accounts: list, new account, withdrawal."""

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from infactor.core.transitions import TransitionNotAllowed
from infactor.dashboard.account.bank_forms import AmountsForm, BankAccountForm
from infactor.dashboard.home import todo
from infactor.dashboard.rendering import render_for_supplier
from infactor.financing import micro_deposits
from infactor.financing.models import MicroDeposits
from infactor.invoices.models import CompanyFile
from infactor.suppliers import access, bank_accounts
from infactor.suppliers.access import for_supplier, require_member, signed_in_user
from infactor.suppliers.bank_numbers import InvalidBankNumber
from infactor.suppliers.models import Application, BankAccount, Supplier

Status = BankAccount.Status
REAUTHENTICATE = gettext_lazy(
    "You entered your password some time ago. Enter it again, return to this page, and save again."
)


@require_safe
@for_supplier
def bank(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """The accounts by currency, with masked numbers."""
    return _render_accounts(request, supplier)


def _render_accounts(request: HttpRequest, supplier: Supplier, *, answered: AmountsForm | None = None) -> HttpResponse:
    """The page, with the form of the amounts as it was `answered` where they were not taken."""
    accounts = list(
        BankAccount.objects.filter(supplier=supplier)
        .select_related("added_by")
        .defer("account_number", "routing_number")
        .order_by("currency", "-added_at", "-pk")
    )
    is_owner = access.is_owner(user=signed_in_user(request), supplier=supplier)
    context = {
        "in_use": [one for one in accounts if one.status == Status.IN_USE],
        "suspended": [one for one in accounts if one.status == Status.SUSPENDED],
        "waiting": [one for one in accounts if one.status == Status.WAITING],
        "previous": [one for one in accounts if one.status in (Status.REPLACED, Status.REFUSED)],
        "is_owner": is_owner,
        "deposits": _deposit_forms(accounts, answered) if is_owner else [],
        "now": timezone.now(),
        "days": bank_accounts.COOLING_OFF_PERIOD.days,
        "is_open": todo.application_status(supplier=supplier) in Application.EDITABLE_STATUSES,
    }
    return render_for_supplier(request, "dashboard/bank.html", context, supplier=supplier)


@require_http_methods(["GET", "HEAD", "POST"])
@for_supplier
def bank_change(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Add an account. Only for owners who entered their password recently."""
    require_member(by=signed_in_user(request), supplier=supplier, owner=True)
    if request.method != "POST":
        page: HttpResponse = _form_after_reauthentication(request, supplier)
        return page
    form = _form(request, supplier)
    if form.is_valid():
        # Not allauth's decorator: it stores the POST data in the session, and account numbers must not be stored there.
        if not did_recently_reauthenticate(request):
            return _render_form(request, supplier, form, reauthenticate=True)
        try:
            account = bank_accounts.add(
                supplier=supplier, details=form.to_entry(), by=signed_in_user(request), at=timezone.now()
            )
        except InvalidBankNumber as wrong:
            form.add_error(wrong.field, str(wrong))
        except bank_accounts.CannotAdd as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request,
                _("You have added account %(masked)s. We have emailed every owner of the company.")
                % {"masked": account.masked},
            )
            return HttpResponseRedirect(reverse("dashboard:bank"))
    return _render_form(request, supplier, form)


@require_POST
@for_supplier
def bank_amounts(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Take the amounts of two micro-deposits. Needs no password, because staff still confirm the account."""
    account = _chosen_account(request, supplier)
    form = AmountsForm(request.POST, account=account)
    if not form.is_valid():
        return _render_accounts(request, supplier, answered=form)
    try:
        pair = micro_deposits.answer(
            account=account,
            amounts=[form.cleaned_data["first"], form.cleaned_data["second"]],
            by=signed_in_user(request),
            at=timezone.now(),
        )
    except micro_deposits.CannotAnswer as refusal:
        messages.error(request, str(refusal))
    else:
        if pair.status == MicroDeposits.Status.MATCHED:
            messages.success(request, _("Both amounts are right. We will now confirm the account."))
        elif pair.status == MicroDeposits.Status.FAILED:
            messages.error(request, _("These amounts are wrong, and that was the last try. Send us a bank letter."))
        else:
            wrong = ngettext(
                "These amounts are wrong. You have %(left)s try left.",
                "These amounts are wrong. You have %(left)s tries left.",
                pair.tries_left,
            )
            form.add_error(None, wrong % {"left": pair.tries_left})
            return _render_accounts(request, supplier, answered=form)
    return HttpResponseRedirect(reverse("dashboard:bank"))


@require_POST
@for_supplier
def bank_withdraw(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Withdraw an account that waits for confirmation. Needs no password, because it cannot redirect payments."""
    account = _chosen_account(request, supplier)
    try:
        bank_accounts.withdraw(account=account, by=signed_in_user(request), at=timezone.now())
    except TransitionNotAllowed:
        messages.error(request, _("Account %(masked)s no longer waits for confirmation.") % {"masked": account.masked})
    else:
        messages.success(request, _("You have withdrawn account %(masked)s.") % {"masked": account.masked})
    return HttpResponseRedirect(reverse("dashboard:bank"))


def _chosen_account(request: HttpRequest, supplier: Supplier) -> BankAccount:
    chosen = request.POST.get("account", "")[:18]  # The longest primary key.
    rows = BankAccount.objects.filter(supplier=supplier)
    return get_object_or_404(rows, pk=int(chosen) if chosen.isdecimal() else 0)


def _deposit_forms(accounts: list[BankAccount], answered: AmountsForm | None) -> list[AmountsForm]:
    """A form for each account to which micro-deposits have left."""
    awaited = micro_deposits.awaited(accounts=accounts, at=timezone.now())
    return [
        answered if answered is not None and answered.account == account else AmountsForm(account=account)
        for account in accounts
        if account.pk in awaited
    ]


@reauthentication_required  # type: ignore[untyped-decorator]
def _form_after_reauthentication(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """The empty form, after allauth has checked that the password was entered recently."""
    return _render_form(request, supplier, _form(request, supplier))


def _form(request: HttpRequest, supplier: Supplier) -> BankAccountForm:
    files = CompanyFile.objects.filter(supplier=supplier).exclude(home_currency="")
    application = Application.objects.filter(supplier=supplier).only("legal_name", "country").first()
    return BankAccountForm(
        request.POST if request.method == "POST" else None,
        currencies=sorted(set(files.values_list("home_currency", flat=True))),
        initial={
            "country": application.country if application else "",
            "holder": application.legal_name if application else supplier.name,
        },
    )


def _render_form(
    request: HttpRequest, supplier: Supplier, form: BankAccountForm, *, reauthenticate: bool = False
) -> HttpResponse:
    context = {
        "form": form,
        "reauthenticate": REAUTHENTICATE if reauthenticate else "",
        "days": bank_accounts.COOLING_OFF_PERIOD.days,
    }
    return render_for_supplier(request, "dashboard/bank_change.html", context, supplier=supplier)
