"""Where a supplier is paid to: which account is used, which one waits, and entering another one."""

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from infactor.core.transitions import MoveRefused
from infactor.dashboard.account.bank_forms import BankAccountForm
from infactor.dashboard.home import todo
from infactor.dashboard.rendering import show
from infactor.invoices.models import CompanyFile
from infactor.suppliers import bank_accounts
from infactor.suppliers.access import for_supplier, person, require_member
from infactor.suppliers.bank_numbers import NumberWrong
from infactor.suppliers.models import Application, BankAccount, Membership, Supplier

Status = BankAccount.Status
ASK_AGAIN = "It is a while since you entered your password. Enter it once more, come back to this page, and save again."


@require_safe
@for_supplier
def bank(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """The accounts of each currency, as little of their numbers as says which one it is."""
    accounts = list(
        BankAccount.objects.filter(supplier=supplier)
        .select_related("added_by")
        .defer("account_number", "routing_number")
        .order_by("currency", "-added_at", "-pk")
    )
    context = {
        "in_use": [one for one in accounts if one.status == Status.IN_USE],
        "waiting": [one for one in accounts if one.status == Status.WAITING],
        "earlier": [one for one in accounts if one.status in (Status.REPLACED, Status.REFUSED)],
        "is_owner": supplier.memberships.filter(user=person(request), role=Membership.Role.OWNER).exists(),
        "now": timezone.now(),
        "days": bank_accounts.COOLING_OFF.days,
        "is_open": todo.application_status(supplier=supplier) in Application.OPEN_TO_CHANGE,
    }
    return show(request, "dashboard/bank.html", context, supplier=supplier)


@require_http_methods(["GET", "HEAD", "POST"])
@for_supplier
def bank_change(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Enter another account, as an owner who has just proved to be the one."""
    require_member(by=person(request), supplier=supplier, owner=True)
    if request.method != "POST":
        page: HttpResponse = _asked_for_a_password(request, supplier)
        return page
    form = _form(request, supplier)
    if form.is_valid():
        # Not allauth's own way: it keeps what was sent in the session while it asks, and this must not lie there.
        if not did_recently_reauthenticate(request):
            return _show_form(request, supplier, form, ask_again=True)
        try:
            account = bank_accounts.add(supplier=supplier, entry=form.entry(), by=person(request), at=timezone.now())
        except NumberWrong as wrong:
            form.add_error(wrong.field, str(wrong))
        except bank_accounts.CannotAdd as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, f"Account {account.masked} is entered. Every owner of the company is told by mail."
            )
            return HttpResponseRedirect(reverse("dashboard:bank"))
    return _show_form(request, supplier, form)


@require_POST
@for_supplier
def bank_withdraw(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Take back an account that waits. No password is asked for: it can only keep things as they are."""
    chosen = request.POST.get("account", "")[:18]  # no key is longer
    account = get_object_or_404(BankAccount, supplier=supplier, pk=int(chosen) if chosen.isdecimal() else 0)
    try:
        bank_accounts.withdraw(account=account, by=person(request), at=timezone.now())
    except MoveRefused:
        messages.error(request, f"Account {account.masked} does not wait any more.")
    else:
        messages.success(request, f"Account {account.masked} is taken back.")
    return HttpResponseRedirect(reverse("dashboard:bank"))


@reauthentication_required  # type: ignore[untyped-decorator]
def _asked_for_a_password(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """The empty form, after a password that was entered not long ago."""
    return _show_form(request, supplier, _form(request, supplier))


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


def _show_form(
    request: HttpRequest, supplier: Supplier, form: BankAccountForm, *, ask_again: bool = False
) -> HttpResponse:
    context = {
        "form": form,
        "ask_again": ASK_AGAIN if ask_again else "",
        "days": bank_accounts.COOLING_OFF.days,
    }
    return show(request, "dashboard/bank_change.html", context, supplier=supplier)
