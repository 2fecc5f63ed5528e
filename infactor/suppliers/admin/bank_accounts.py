"""Bank accounts of suppliers in admin: those that wait first, and never a full number."""

from typing import Any

from django.contrib import admin
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format

from infactor.core import reasons
from infactor.core.admin.decisions import DecisionAdmin, DecisionView, RowDecision
from infactor.core.admin.forms import ReasonForSupplierForm
from infactor.core.admin.tables import Facts
from infactor.suppliers import bank_accounts, financing_status
from infactor.suppliers.access import signed_in_user
from infactor.suppliers.admin.applications import same_account_elsewhere
from infactor.suppliers.countries import countries
from infactor.suppliers.models import BankAccount
from infactor.users.security import account_changes

Status = BankAccount.Status
WAITING_FIRST = Case(When(status=Status.WAITING, then=Value(0)), default=Value(1), output_field=IntegerField())


class BankAccountDecision(RowDecision, DecisionView):
    """A decision on an account that waits."""

    row: BankAccount
    permission = "suppliers.confirm_bank_account"
    needs_fresh_factor = True

    @classmethod
    def is_possible(cls, row: BankAccount) -> bool:
        return row.status == Status.WAITING

    def facts(self) -> Facts:
        return _facts(self.row)


class ConfirmView(BankAccountDecision):
    """Confirm the account: payouts go to it from now on."""

    name = "confirm"
    label = button = "Confirm"
    title = "Confirm the bank account"
    refusals = (bank_accounts.CannotConfirm,)
    notes = (
        "Call the company at a number that you knew before the change, and have them read the account out to you.",
        "From now on payouts go to this account, and no longer to the previous one.",
    )

    def perform(self, form: Any) -> str:
        account = self.row
        bank_accounts.confirm(account=account, by=signed_in_user(self.request), at=timezone.now())
        return f"Payouts of {account.supplier} in {account.currency} go to {account.masked} from now on."


class RefuseView(BankAccountDecision):
    """Refuse the account: nothing is ever paid to it."""

    name = "refuse"
    label = button = "Refuse"
    title = "Refuse the bank account"
    form_class = ReasonForSupplierForm
    refusals = (reasons.ReasonMissing,)

    def perform(self, form: Any) -> str:
        user, reason = signed_in_user(self.request), form.cleaned_data["reason"]
        bank_accounts.refuse(account=self.row, by=user, reason=reason, at=timezone.now())
        return f"Account {self.row.masked} is refused. The destination of payouts does not change."


def _facts(account: BankAccount) -> Facts:
    previous = financing_status.payout_account(supplier=account.supplier, currency=account.currency)
    return [
        ("Supplier", account.supplier),
        ("Currency", account.currency),
        ("Account", account.masked),
        ("Account holder", account.holder),
        ("Bank", f"{account.bank_name}, {countries().get(account.country, account.country)}"),
        ("Replaces", f"{previous.masked}, {previous.bank_name}" if previous else "no account yet"),
        ("Same account at", same_account_elsewhere(account)),
        ("Entered by", account.added_by),
        ("Entered", date_format(account.added_at, "DATETIME_FORMAT")),
        ("Can be used from", date_format(account.usable_from, "DATETIME_FORMAT")),
        ("Changes before it was entered", _changes_text(account)),
    ]


def _changes_text(account: BankAccount) -> str:
    """What had changed about the sign-in of who entered the account, shortly before."""
    if not account.after_account_change:
        return "none"
    changes = account_changes.recent(user=account.added_by, at=account.added_at)
    shown = [f"{change.get_kind_display()} on {date_format(change.at, 'DATETIME_FORMAT')}" for change in changes]
    return f"CAUTION: {'; '.join(shown) or 'the sign-in of this person'}. The account may have been taken over."


@admin.register(BankAccount)
class BankAccountAdmin(DecisionAdmin):
    list_display = (
        "supplier",
        "currency",
        "account",
        "bank_name",
        "status",
        "added_at",
        "added_by",
        "usable_from",
        "after_account_change",
        "confirmed_by",
    )
    list_filter = ("status", "currency", "after_account_change")
    list_select_related = ("supplier", "added_by", "confirmed_by")
    search_fields = ("supplier__name", "holder", "=last4")
    search_help_text = "By supplier, holder, or the last four digits"
    date_hierarchy = "added_at"
    # Only named fields are shown: the numbers are not among them.
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
        "after_account_change",
        "confirmed_by",
        "confirmed_at",
        "refused_by",
        "refused_at",
        "reason",
    )
    readonly_fields = ("account",)
    decisions = (ConfirmView, RefuseView)

    def get_queryset(self, request: HttpRequest) -> QuerySet[BankAccount]:
        rows: QuerySet[BankAccount] = super().get_queryset(request)
        return rows.defer("account_number", "routing_number")

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        """The waiting ones first, those usable earliest on top."""
        return [WAITING_FIRST.asc(), "usable_from"]

    @admin.display(description="Account", ordering="last4")
    def account(self, account: BankAccount) -> str:
        return account.masked
