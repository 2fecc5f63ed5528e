"""Accounts of payers in admin: those that wait for a second person, and the full number only where it is asked for."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.decisions import DecisionAdmin, RowDecision
from infactor.core.admin.filters import filled_in_filter
from infactor.core.admin.formatting import amount_text, link, moment_text
from infactor.core.admin.forms import ReasonForm
from infactor.core.admin.tables import Facts, Table
from infactor.core.reasons import ReasonMissing
from infactor.documents import storage
from infactor.documents.models import Document, Kind
from infactor.financing.admin.base.decisions import REFUSALS, FinancingDecision
from infactor.financing.collections import payments
from infactor.financing.corrections import payee_accounts
from infactor.financing.models import PayeeAccount
from infactor.suppliers.access import signed_in_user
from infactor.suppliers.account_proofs import AccountProof, CannotConfirm
from infactor.suppliers.admin import bank_accounts as suppliers_accounts
from infactor.suppliers.bank_numbers import BankNumbers
from infactor.suppliers.countries import countries
from infactor.suppliers.models import BankAccount

NUMBERS = ("account_number", "routing_number")


class ConfirmView(RowDecision, FinancingDecision):
    """The second person confirms, on a proof, that the account is the payer's."""

    row: PayeeAccount
    name = "confirm"
    label = button = gettext_lazy("Confirm")
    title = gettext_lazy("Confirm the account of a payer")
    permission = payee_accounts.CONFIRM
    needs_fresh_factor = True
    form_class = suppliers_accounts.ProofForm
    refusals = (*REFUSALS, CannotConfirm)
    notes = (
        gettext_lazy("Read the bank letter, or call the payer at a number that you found yourself or knew before."),
        gettext_lazy("Compare the whole number: Show the number asks for your second factor, and is audited."),
        gettext_lazy("From now on a payout to it can be approved and sent."),
    )

    @classmethod
    def is_allowed(cls, user: Any, row: PayeeAccount) -> bool:
        return super().is_allowed(user, row) and user.pk not in (row.entered_by_id, row.changed_by_id)

    @classmethod
    def is_possible(cls, row: PayeeAccount) -> bool:
        return row.confirmed_at is None

    @classmethod
    def blocker_of(cls, row: PayeeAccount) -> str:
        return _("It is confirmed already.")

    def facts(self) -> Facts:
        return [*account_facts(self.row), (_("Same account at"), _same_account(self.row))]

    @property
    def letters(self) -> QuerySet[Document]:
        return storage.newest(self.row, Kind.BANK_LETTER)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "letters": self.letters}

    def tables(self) -> list[Table]:
        rows = [(link(one, one.name), moment_text(one.uploaded_at), one.uploaded_by) for one in self.letters]
        empty = _("None yet. Add the letter under Documents on the page of the account, or call the payer.")
        return [Table(_("Bank letters"), (_("File"), _("Added"), _("By")), rows, empty=empty), payouts_table(self.row)]

    def perform(self, form: Any) -> str:
        data = form.cleaned_data
        proof = AccountProof(
            kind=data["proof"], document=data["document"], phone_number=data["phone_number"], note=data["note"]
        )
        payee_accounts.confirm(account=self.row, proof=proof, by=self.user, at=timezone.now())
        return _("%(account)s is confirmed: payouts to it can be approved.") % {"account": self.row}


class ChangeForm(ReasonForm):
    """Asks for the holder, the bank and the number of an account, and why they change."""

    holder = forms.CharField(max_length=140, label=gettext_lazy("Account holder"))
    bank_name = forms.CharField(max_length=140, label=gettext_lazy("Bank"))
    country = forms.ChoiceField(label=gettext_lazy("Country of the bank"), choices=lambda: list(countries().items()))
    account_number = forms.CharField(
        label=gettext_lazy("New account number"),
        max_length=50,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Leave it empty if the number stays."),
    )
    routing_number = forms.CharField(
        label=gettext_lazy("Routing number"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("holder", "bank_name", "country", *NUMBERS, "reason")


class CorrectView(RowDecision, FinancingDecision):
    """Correct the holder, the bank or the number. It is confirmed anew afterwards."""

    row: PayeeAccount
    name = "correct"
    label = title = gettext_lazy("Correct number or bank")
    button = gettext_lazy("Change")
    permission = payments.RECORD_COLLECTIONS
    needs_fresh_factor = True
    holds_secrets = True
    form_class = ChangeForm
    refusals = (*REFUSALS, ReasonMissing)
    notes = (gettext_lazy("Afterwards it is not confirmed: somebody else confirms it anew before anything is paid."),)

    @classmethod
    def is_possible(cls, row: PayeeAccount) -> bool:
        return not payee_accounts.why_fixed(row)

    @classmethod
    def blocker_of(cls, row: PayeeAccount) -> str:
        return payee_accounts.why_fixed(row)

    def facts(self) -> Facts:
        return account_facts(self.row)

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.row, name) for name in ("holder", "bank_name", "country")}

    def perform(self, form: Any) -> str:
        given = dict(form.cleaned_data)
        reason = given.pop("reason")
        details = payee_accounts.PayeeDetails(**given)
        changed = payee_accounts.change(
            account=self.row, details=details, reason=reason, by=self.user, at=timezone.now()
        )
        return _("%(account)s waits to be confirmed by somebody else.") % {"account": changed}


class ShowNumberView(suppliers_accounts.ShowNumberView):
    """Show the full number once. Each time is in the audit log."""

    permission = payee_accounts.CONFIRM

    def facts(self) -> Facts:
        return [
            (_("Account holder"), self.row.holder),
            (_("Account"), self.row.masked),
            (_("Bank"), self.row.bank_name),
        ]

    def numbers(self) -> BankNumbers:
        user = signed_in_user(self.request)
        return payee_accounts.show_number(account=self.row, by=user, at=timezone.now())


class WaitingFilter(admin.SimpleListFilter):
    title = gettext_lazy("waiting")
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("Waits for a second person"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(pk__in=payee_accounts.awaited().values("pk")) if self.value() == "yes" else queryset


CONFIRMED = filled_in_filter("confirmed", no=gettext_lazy("Not confirmed"), yes=gettext_lazy("Confirmed"))


@admin.register(PayeeAccount)
class PayeeAccountAdmin(DecisionAdmin):
    list_display = ("holder", "account", "bank_name", "country", "entered_by", "entered_at", "confirmed_by")
    list_filter = (WaitingFilter, ("confirmed_at", CONFIRMED), "entered_at")
    queues = {("waiting", "yes"): "entered_at"}
    list_select_related = ("entered_by", "confirmed_by")
    search_fields = ("holder", "bank_name", "=last4")
    search_help_text = gettext_lazy("By holder, bank, or the last four digits")
    date_hierarchy = "entered_at"
    # Only named fields are shown: the numbers are not among them.
    fields = (
        *("holder", "account", "bank_name", "country", "entered_by", "entered_at", "changed_by", "changed_at"),
        *("confirmed_by", "confirmed_at", "proof", "proof_document", "proof_phone", "proof_note"),
    )
    readonly_fields = ("account",)
    shown_if_set = (
        *("changed_by", "changed_at", "confirmed_by", "confirmed_at"),
        *("proof", "proof_document", "proof_phone", "proof_note"),
    )
    decisions = (ConfirmView, CorrectView, ShowNumberView)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PayeeAccount]:
        rows: QuerySet[PayeeAccount] = super().get_queryset(request)
        return rows.defer(*NUMBERS)

    def related_tables(self, row: PayeeAccount) -> Sequence[Table]:
        return [payouts_table(row)]

    @admin.display(description=gettext_lazy("Account"), ordering="last4")
    def account(self, account: PayeeAccount) -> str:
        return account.masked


def account_facts(account: PayeeAccount) -> list[tuple[Any, Any]]:
    """Whose account it is, who entered it and who changed it, with the end of its number."""
    changed = [] if account.changed_at is None else [(_("Changed"), _by(account.changed_by, account.changed_at))]
    return [
        (_("Account holder"), account.holder),
        (_("Account"), account.masked),
        (_("Bank"), f"{account.bank_name}, {countries().get(account.country, account.country)}"),
        (_("Entered"), _by(account.entered_by, account.entered_at)),
        *changed,
    ]


def payouts_table(account: PayeeAccount) -> Table:
    """The refunds to an account, the newest first."""
    rows = account.payouts.select_related("refund__collection").order_by("-pk")
    return Table(
        _("Refunds to it"),
        (_("Payout"), _("Payment"), _("Amount"), _("Status")),
        [
            (
                link(one),
                link(one.refund.collection),
                amount_text(one.amount, one.currency),
                one.get_status_display(),
            )
            for one in rows
        ],
        empty=_("None so far."),
    )


def _by(person: Any, at: Any) -> str:
    return f"{person}, {moment_text(at)}"


def _same_account(account: PayeeAccount) -> str:
    """Suppliers and other payers with the same account, by name; "-" for none."""
    known = PayeeAccount._meta.get_field("fingerprint").accepted(account)
    suppliers = BankAccount.objects.filter(fingerprint__in=known).values_list("supplier__name", flat=True)
    payers = PayeeAccount.objects.filter(fingerprint__in=known).exclude(pk=account.pk).values_list("holder", flat=True)
    return ", ".join(sorted({*suppliers, *payers})) or "-"
