"""Suppliers' bank accounts in admin: those that wait to be confirmed, never a whole number."""

from django.contrib import admin
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format

from infactor.core import reasons
from infactor.core.admin.decisions import (
    DecidedAdmin,
    Decision,
    ReasonForSupplierForm,
    confirm_page,
    page_of,
)
from infactor.suppliers import bank_accounts, financing_status
from infactor.suppliers.access import person
from infactor.suppliers.admin.applications import same_account_elsewhere
from infactor.suppliers.countries import countries
from infactor.suppliers.models import BankAccount

Status = BankAccount.Status
MAY_CONFIRM = "suppliers.confirm_bank_account"
QUEUE = Case(When(status=Status.WAITING, then=Value(0)), default=Value(1), output_field=IntegerField())


def confirm(request: HttpRequest, account: BankAccount) -> HttpResponse:
    """Pay to this account from now on."""

    def act(said: object) -> str:
        bank_accounts.confirm(account=account, by=person(request), at=timezone.now())
        return f"Payouts of {account.supplier} in {account.currency} go to {account.masked} from now on."

    return confirm_page(
        request,
        title="Confirm the bank account",
        button="Confirm",
        facts=_facts(account),
        act=act,
        back=page_of(account),
        refusals=(bank_accounts.CannotConfirm,),
        notes=(
            "Call the company at a number that you knew before the change, and let them say the account to you.",
            "From now on payouts go to this account, and no more to the one before.",
        ),
    )


def refuse(request: HttpRequest, account: BankAccount) -> HttpResponse:
    """Never pay to this account."""

    def act(said: dict[str, str]) -> str:
        bank_accounts.refuse(account=account, by=person(request), reason=said["reason"], at=timezone.now())
        return f"Account {account.masked} is refused. Payouts go where they went."

    return confirm_page(
        request,
        title="Refuse the bank account",
        button="Refuse",
        facts=_facts(account),
        act=act,  # type: ignore[arg-type]
        back=page_of(account),
        form=ReasonForSupplierForm,
        refusals=(reasons.ReasonMissing,),
    )


def _facts(account: BankAccount) -> list[tuple[str, object]]:
    before = financing_status.payout_account(supplier=account.supplier, currency=account.currency)
    return [
        ("Supplier", account.supplier),
        ("Currency", account.currency),
        ("Account", account.masked),
        ("Account holder", account.holder),
        ("Bank", f"{account.bank_name}, {countries().get(account.country, account.country)}"),
        ("Instead of", f"{before.masked}, {before.bank_name}" if before else "no account yet"),
        ("Same account at", same_account_elsewhere(account)),
        ("Entered by", account.added_by),
        ("Entered", date_format(account.added_at, "DATETIME_FORMAT")),
        ("Can be used from", date_format(account.usable_from, "DATETIME_FORMAT")),
    ]


def _waits(account: BankAccount) -> bool:
    return account.status == Status.WAITING


@admin.register(BankAccount)
class BankAccountAdmin(DecidedAdmin):
    list_display = (
        "supplier",
        "currency",
        "account",
        "bank_name",
        "status",
        "added_at",
        "added_by",
        "usable_from",
        "confirmed_by",
    )
    list_filter = ("status", "currency")
    list_select_related = ("supplier", "added_by", "confirmed_by")
    search_fields = ("supplier__name", "holder", "=last4")
    search_help_text = "By supplier, holder, or the last four digits"
    date_hierarchy = "added_at"
    # The numbers are left out by being left unnamed.
    fields = (
        "supplier",
        "currency",
        "account",
        "holder",
        "bank_name",
        "country",
        "status",
        "added_by",
        "added_at",
        "usable_from",
        "confirmed_by",
        "confirmed_at",
        "refused_by",
        "refused_at",
        "reason",
    )
    readonly_fields = ("account",)
    decisions = (
        Decision("confirm", "Confirm", MAY_CONFIRM, confirm, _waits),
        Decision("refuse", "Refuse", MAY_CONFIRM, refuse, _waits),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[BankAccount]:
        rows: QuerySet[BankAccount] = super().get_queryset(request)
        return rows.defer("account_number", "routing_number")

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        """Those that wait first, the one that can be used earliest on top."""
        return [QUEUE.asc(), "usable_from"]

    @admin.display(description="Account", ordering="last4")
    def account(self, account: BankAccount) -> str:
        return account.masked
