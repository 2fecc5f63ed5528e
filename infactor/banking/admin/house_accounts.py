"""House accounts in admin: their balances, and the decisions about them."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from infactor.banking import accounts, cash, movements, reconciliation
from infactor.banking.accounts import AccountDetails
from infactor.banking.admin.decisions import AccountDecision, BankingDecision
from infactor.banking.admin.reconciliation import ReconcileView
from infactor.banking.models import HouseAccount, Movement
from infactor.core.admin.decisions import DecisionAdmin
from infactor.core.admin.formatting import amount_text, day_text, link
from infactor.core.admin.tables import Facts, Table

RECENT = 20
NEW_KINDS = [choice for choice in Movement.Kind.choices if choice[0] != Movement.Kind.OPENING]


class HouseAccountForm(forms.Form):
    """Asks for a new account."""

    name = forms.CharField(max_length=100, help_text="How staff call it, like “Operating account”.")
    currency = forms.CharField(
        max_length=3,
        validators=[RegexValidator(r"^[A-Z]{3}\Z", "Three letters, like USD.")],
        help_text="Three letters, like USD. It is never changed.",
    )
    bank_name = forms.CharField(label="Bank", max_length=140)
    account_number = forms.CharField(
        max_length=50,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="An IBAN where the country has them. Statements are recognised by it; only its end is shown again.",
    )
    routing_number = forms.CharField(max_length=20, required=False)
    bic = forms.CharField(label="BIC", max_length=11, required=False)
    may_be_overdrawn = forms.BooleanField(
        required=False, help_text="Otherwise nothing is paid out that would bring the account below zero."
    )


class ChangeForm(forms.Form):
    """Asks for what may be changed of an account."""

    name = forms.CharField(max_length=100)
    may_be_overdrawn = forms.BooleanField(required=False)


class OpeningBalanceForm(forms.Form):
    """Asks for the balance with which the statements begin."""

    balance = forms.DecimalField(max_digits=18, decimal_places=2, help_text="By the bank, below zero if overdrawn.")
    value_date = forms.DateField(
        label="At the end of",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The last day before the first statement that you import.",
    )


class MovementForm(forms.Form):
    """Asks for a movement that is no payment of a buyer and no payout."""

    kind = forms.ChoiceField(choices=NEW_KINDS)
    amount = forms.DecimalField(max_digits=18, decimal_places=2, help_text="Below zero for money that goes out.")
    other_account = forms.ModelChoiceField(
        HouseAccount.objects.all(), required=False, help_text="For a transfer between house accounts only."
    )
    value_date = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(max_length=200, required=False)


class OpenView(BankingDecision):
    """Open a house account."""

    permission = accounts.KEEP_HOUSE_ACCOUNTS
    needs_fresh_factor = True
    holds_secrets = True
    title = "Add a house account"
    button = "Add"
    form_class = HouseAccountForm
    notes = ("The first account of a currency takes over the cash that was posted before it.",)

    def get_success_url(self) -> str:
        return reverse("admin:banking_houseaccount_changelist")

    def perform(self, form: Any) -> str:
        account = accounts.open_account(details=AccountDetails(**form.cleaned_data), by=self.user, at=timezone.now())
        return f"{account} is added. Post its opening balance next."


class ChangeView(AccountDecision):
    """Change the name of an account and whether it may be overdrawn."""

    row: HouseAccount
    name, label, title, button = "edit", "Change", "Change the house account", "Save"
    form_class = ChangeForm

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.row.name, "may_be_overdrawn": self.row.may_be_overdrawn}

    def perform(self, form: Any) -> str:
        return f"{accounts.change(account=self.row, **form.cleaned_data, by=self.user, at=timezone.now())} is saved."


class MakeDefaultView(AccountDecision):
    """Make an account the one on which money of its currency moves."""

    row: HouseAccount
    name, label, title, button = "make_default", "Make it the default", "Make it the default account", "Make default"

    @classmethod
    def is_possible(cls, row: HouseAccount) -> bool:
        return not row.is_default

    def facts(self) -> Facts:
        return [("Account", str(self.row)), ("Default now", str(cash.default_account(currency=self.row.currency)))]

    def perform(self, form: Any) -> str:
        account = accounts.make_default(account=self.row, by=self.user, at=timezone.now())
        return f"Money in {account.currency} moves on {account} from now on."


class OpeningBalanceView(AccountDecision):
    """Post the opening balance, so that books and bank begin with the same."""

    row: HouseAccount
    name, label, title, button = "opening", "Post the opening balance", "Post the opening balance", "Post"
    form_class = OpeningBalanceForm
    notes = ("What is missing in the books on that day is posted against capital. It is posted once.",)

    @classmethod
    def is_possible(cls, row: HouseAccount) -> bool:
        return not row.movements.filter(kind=Movement.Kind.OPENING).exists()

    def facts(self) -> Facts:
        return [("Account", str(self.row)), ("In the books now", _amount(self.row, cash.balance(account=self.row)))]

    def perform(self, form: Any) -> str:
        done = accounts.post_opening_balance(account=self.row, **form.cleaned_data, by=self.user, at=timezone.now())
        return f"The opening balance is posted: {done.amount:,.2f} {self.row.currency} were missing."


class RecordMovementView(AccountDecision):
    """Record capital, credit facility, charges, interest or a transfer."""

    row: HouseAccount
    name, label, title, button = "move", "Record a movement", "Record a movement", "Record"
    form_class = MovementForm
    notes = ("With a statement at hand, explain its line instead: then the line is confirmed at once.",)

    def facts(self) -> Facts:
        return [("Account", str(self.row)), ("In the books now", _amount(self.row, cash.balance(account=self.row)))]

    def perform(self, form: Any) -> str:
        done = movements.record(account=self.row, **form.cleaned_data, by=self.user, at=timezone.now())
        return f"{done.get_kind_display()}: {done.amount:,.2f} {self.row.currency} are posted."


class OverdrawnFilter(admin.SimpleListFilter):
    title = "balance"
    parameter_name = "overdrawn"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Below zero")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(book_balance__lt=0) if self.value() == "yes" else queryset


@admin.register(HouseAccount)
class HouseAccountAdmin(DecisionAdmin):
    list_display = ("name", "currency", "bank_name", "masked", "shown_balance", "is_default", "may_be_overdrawn")
    list_filter = (OverdrawnFilter, "currency")
    search_fields = ("name", "bank_name")
    fields = (
        "name",
        "currency",
        "bank_name",
        "masked",
        "routing_number",
        "bic",
        "shown_balance",
        "is_default",
        "may_be_overdrawn",
        "added_by",
        "added_at",
    )
    readonly_fields = ("masked", "shown_balance")
    add_decision = OpenView
    decisions = (ReconcileView, RecordMovementView, OpeningBalanceView, ChangeView, MakeDefaultView)

    def get_queryset(self, request: HttpRequest) -> QuerySet[HouseAccount]:
        return cash.with_balances(super().get_queryset(request))

    def related_tables(self, row: HouseAccount) -> Sequence[Table]:
        gaps = reconciliation.gaps(account=row)
        return [
            Table("What does not fit together", ("Problem",), [(one,) for one in gaps], "The statements follow on."),
            _statements_table(row),
            _movements_table(row),
        ]

    @admin.display(description="In the books")
    def shown_balance(self, account: Any) -> SafeString:
        return amount_text(account.book_balance, account.currency)

    @admin.display(description="Number")
    def masked(self, account: HouseAccount) -> str:
        return account.masked


def _amount(account: HouseAccount, amount: Any) -> SafeString:
    return amount_text(amount, account.currency)


def _statements_table(account: HouseAccount) -> Table:
    rows = account.statements.select_related("file").order_by("-to_date", "-pk")[:RECENT]
    return Table(
        caption="Last statements",
        columns=("Statement", "From", "To", "Begins with", "Ends with", "Lines"),
        rows=[
            (
                link(one),
                day_text(one.from_date),
                day_text(one.to_date),
                "" if one.opening_balance is None else _amount(account, one.opening_balance),
                "" if one.closing_balance is None else _amount(account, one.closing_balance),
                str(one.line_count),
            )
            for one in rows
        ],
        empty="No statement is imported yet.",
    )


def _movements_table(account: HouseAccount) -> Table:
    return Table(
        caption="Last movements",
        columns=("Movement", "Value date", "Kind", "Amount", "Note"),
        rows=[
            (link(one), day_text(one.value_date), one.get_kind_display(), _amount(account, one.amount), one.note)
            for one in account.movements.order_by("-value_date", "-pk")[:RECENT]
        ],
    )
