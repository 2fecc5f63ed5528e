"""House accounts in admin: their balances, and the decisions about them."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.banking import accounts, cash, gaps, movements
from infactor.banking.account_changes import waiting
from infactor.banking.accounts import AccountDetails
from infactor.banking.admin import account_change_facts, account_changes
from infactor.banking.admin.decisions import AccountDecision, BankingDecision
from infactor.banking.admin.house_account_forms import ChangeForm, HouseAccountForm, MovementForm, OpeningBalanceForm
from infactor.banking.admin.house_account_tables import movements_table, statements_table
from infactor.banking.admin.payment_details import PaymentDetailsView, calendar_name, formats_table, holidays_table
from infactor.banking.admin.reconciliation import ReconcileView
from infactor.banking.models import HouseAccount, Movement
from infactor.core.admin.decisions import DecisionAdmin
from infactor.core.admin.filters import filled_in_filter
from infactor.core.admin.formatting import amount_text
from infactor.core.admin.tables import Facts, Table
from infactor.core.lists.cells import AmountText
from infactor.core.money import format_number


class OpenView(BankingDecision):
    """Open a house account."""

    permission = accounts.KEEP_HOUSE_ACCOUNTS
    needs_fresh_factor = True
    holds_secrets = True
    title = gettext_lazy("Add a house account")
    button = gettext_lazy("Add")
    form_class = HouseAccountForm
    notes = (gettext_lazy("The first account of a currency takes over the cash that was posted before it."),)

    def get_success_url(self) -> str:
        return reverse("admin:banking_houseaccount_changelist")

    def perform(self, form: Any) -> str:
        account = accounts.open_account(details=AccountDetails(**form.cleaned_data), by=self.user, at=timezone.now())
        return _("%(account)s is added. Post its opening balance next.") % {"account": account}


class ChangeView(AccountDecision):
    """Change the name of an account and whether it may be overdrawn."""

    row: HouseAccount
    name, label, title, button = (
        "edit",
        gettext_lazy("Change"),
        gettext_lazy("Change the house account"),
        gettext_lazy("Save"),
    )
    form_class = ChangeForm

    @classmethod
    def is_possible(cls, row: HouseAccount) -> bool:
        return True

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.row.name, "may_be_overdrawn": self.row.may_be_overdrawn}

    def perform(self, form: Any) -> str:
        return _("%(change)s is saved.") % {
            "change": accounts.change(account=self.row, **form.cleaned_data, by=self.user, at=timezone.now())
        }


class MakeDefaultView(AccountDecision):
    """Make an account the one on which money of its currency moves."""

    row: HouseAccount
    name, label, title, button = (
        "make_default",
        gettext_lazy("Make it the default"),
        gettext_lazy("Make it the default account"),
        gettext_lazy("Make default"),
    )

    @classmethod
    def is_possible(cls, row: HouseAccount) -> bool:
        return super().is_possible(row) and not row.is_default

    @classmethod
    def blocker_of(cls, row: HouseAccount) -> str:
        already = _("It is the default account of its currency already.")
        return already if row.is_default else super().blocker_of(row)

    def facts(self) -> Facts:
        return [
            (_("Account"), str(self.row)),
            (_("Default now"), str(cash.default_account(currency=self.row.currency))),
        ]

    def perform(self, form: Any) -> str:
        account = accounts.make_default(account=self.row, by=self.user, at=timezone.now())
        return _("Money in %(currency)s moves on %(account)s from now on.") % {
            "currency": account.currency,
            "account": account,
        }


class OpeningBalanceView(AccountDecision):
    """Post the opening balance, so that books and bank begin with the same."""

    row: HouseAccount
    name, label, title, button = (
        "opening",
        gettext_lazy("Post the opening balance"),
        gettext_lazy("Post the opening balance"),
        gettext_lazy("Post"),
    )
    form_class = OpeningBalanceForm
    notes = (
        gettext_lazy(
            "What is missing in the books on that day is posted against capital. A wrong one can be withdrawn."
        ),
    )

    @classmethod
    def is_possible(cls, row: HouseAccount) -> bool:
        return super().is_possible(row) and not _is_opened(row)

    @classmethod
    def blocker_of(cls, row: HouseAccount) -> str:
        return _("Its opening balance is posted already.") if _is_opened(row) else super().blocker_of(row)

    def facts(self) -> Facts:
        return [
            (_("Account"), str(self.row)),
            (_("In the books now"), _amount(self.row, cash.balance(account=self.row))),
        ]

    def perform(self, form: Any) -> str:
        done = accounts.post_opening_balance(account=self.row, **form.cleaned_data, by=self.user, at=timezone.now())
        given = {"amount": format_number(done.amount, places=2), "currency": self.row.currency}
        return _("The opening balance is posted: %(amount)s %(currency)s were missing.") % given


class RecordMovementView(AccountDecision):
    """Record capital, credit facility, charges, interest or a transfer."""

    row: HouseAccount
    name, label, title, button = (
        "move",
        gettext_lazy("Record a movement"),
        gettext_lazy("Record a movement"),
        gettext_lazy("Record"),
    )
    form_class = MovementForm
    notes = (gettext_lazy("With a statement at hand, explain its line instead: then the line is confirmed at once."),)

    def facts(self) -> Facts:
        return [
            (_("Account"), str(self.row)),
            (_("In the books now"), _amount(self.row, cash.balance(account=self.row))),
        ]

    def perform(self, form: Any) -> str:
        done = movements.record(account=self.row, **form.cleaned_data, by=self.user, at=timezone.now())
        return _("%(kind)s: %(amount)s %(currency)s are posted.") % {
            "kind": done.get_kind_display(),
            "amount": format_number(done.amount, places=2),
            "currency": self.row.currency,
        }


CLOSED = filled_in_filter("closed", no=gettext_lazy("Open"), yes=gettext_lazy("Closed"))


class WaitingFilter(admin.SimpleListFilter):
    title = gettext_lazy("change")
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("Waits for a second person"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return waiting(queryset) if self.value() == "yes" else queryset


class OverdrawnFilter(admin.SimpleListFilter):
    title = gettext_lazy("balance")
    parameter_name = "overdrawn"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("Below zero"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(book_balance__lt=0) if self.value() == "yes" else queryset


@admin.register(HouseAccount)
class HouseAccountAdmin(DecisionAdmin):
    list_display = ("name", "currency", "bank_name", "masked", "shown_balance", "is_default", "is_pay_to", "closed_at")
    list_filter = (OverdrawnFilter, WaitingFilter, ("closed_at", CLOSED), "currency")
    queues = {("overdrawn", "yes"): "updated_at", ("waiting", "yes"): "updated_at"}
    search_fields = ("name", "bank_name")
    fields = (
        "name",
        "currency",
        "bank_name",
        "masked",
        "routing_number",
        "bic",
        "shown_balance",
        "shown_in_transit",
        "shown_available",
        "is_default",
        "is_pay_to",
        "may_be_overdrawn",
        "originator_name",
        "originator_id",
        "country",
        "originating_dfi",
        "immediate_destination",
        "destination_name",
        "immediate_origin",
        "payment_format",
        "shown_calendar",
        "cut_off",
        "added_by",
        "added_at",
        "closed_by",
        "closed_at",
        "closing_reason",
    )
    readonly_fields = ("masked", "shown_balance", "shown_in_transit", "shown_available", "shown_calendar")
    add_decision = OpenView
    decisions = (
        ReconcileView,
        RecordMovementView,
        OpeningBalanceView,
        ChangeView,
        PaymentDetailsView,
        MakeDefaultView,
        *account_changes.DECISIONS,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[HouseAccount]:
        return cash.with_balances(super().get_queryset(request).select_related("added_by", "closed_by"))

    def related_tables(self, row: HouseAccount) -> Sequence[Table]:
        broken = gaps.gaps(account=row)
        return [
            Table(
                _("What does not fit together"),
                (_("Problem"),),
                [(one,) for one in broken],
                _("The statements follow on."),
            ),
            formats_table(row),
            holidays_table(row, at=timezone.now()),
            account_change_facts.changes_table(row),
            statements_table(row),
            movements_table(row),
        ]

    @admin.display(description=gettext_lazy("In the books"))
    def shown_balance(self, account: Any) -> AmountText:
        return amount_text(account.book_balance, account.currency)

    @admin.display(description=gettext_lazy("Bank days by"))
    def shown_calendar(self, account: HouseAccount) -> str:
        return calendar_name(account)

    def _in_transit(self, account: Any) -> Any:
        """The amount, added up once for the two fields that show it."""
        if not hasattr(account, "in_transit"):
            account.in_transit = cash.in_transit(account=account)
        return account.in_transit

    @admin.display(description=gettext_lazy("In transit"))
    def shown_in_transit(self, account: HouseAccount) -> SafeString:
        return amount_text(self._in_transit(account), account.currency)

    @admin.display(description=gettext_lazy("Available"))
    def shown_available(self, account: Any) -> SafeString:
        return amount_text(account.book_balance - self._in_transit(account), account.currency)

    @admin.display(description=gettext_lazy("Number"))
    def masked(self, account: HouseAccount) -> str:
        return account.masked


def _is_opened(account: HouseAccount) -> bool:
    return account.movements.filter(kind=Movement.Kind.OPENING, withdrawn_at=None).exists()


def _amount(account: HouseAccount, amount: Any) -> SafeString:
    return amount_text(amount, account.currency)
