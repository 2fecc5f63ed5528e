"""Bank accounts of suppliers in admin: those that wait first, and never a full number."""

from functools import cached_property
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core import reasons
from infactor.core.admin.decisions import DecisionAdmin, DecisionView, RowDecision
from infactor.core.admin.formatting import link, moment_text
from infactor.core.admin.forms import ReasonForSupplierForm
from infactor.core.admin.tables import Facts, Table
from infactor.documents import storage
from infactor.documents.models import Document, Kind
from infactor.suppliers import account_numbers, account_proofs, bank_accounts, financing_status
from infactor.suppliers.access import signed_in_user
from infactor.suppliers.admin.applications import same_account_elsewhere
from infactor.suppliers.bank_numbers import BankNumbers
from infactor.suppliers.countries import countries
from infactor.suppliers.models import BankAccount
from infactor.users.security import account_changes

Status, Proof = BankAccount.Status, BankAccount.Proof


class ProofForm(forms.Form):
    """Asks how staff know that the account is the supplier's."""

    proof = forms.ChoiceField(
        label=gettext_lazy("What proves it"), choices=BankAccount.Proof.choices, widget=forms.RadioSelect
    )
    document = forms.ModelChoiceField(
        Document.objects.none(),
        required=False,
        empty_label=gettext_lazy("No letter"),
        label=gettext_lazy("Bank letter"),
        help_text=gettext_lazy("For a bank letter."),
    )
    phone_number = forms.CharField(
        label=gettext_lazy("Number called"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("For a call. A number that you found yourself."),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("For a call: whom you spoke to, and what they read out to you."),
    )

    def __init__(
        self, *args: Any, letters: QuerySet[Document], has_matching_deposits: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["document"].queryset = letters  # type: ignore[attr-defined]
        if not has_matching_deposits:
            kinds = [(kind, label) for kind, label in BankAccount.Proof.choices if kind != Proof.MICRO_DEPOSITS]
            self.fields["proof"].choices = kinds  # type: ignore[attr-defined]


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
    """Confirm the account, or a suspended one anew: payouts go to it from now on."""

    name = "confirm"
    alternatives = ("refuse",)
    label = button = gettext_lazy("Confirm")
    title = gettext_lazy("Confirm the bank account")
    form_class = ProofForm
    refusals = (account_proofs.CannotConfirm,)
    notes = (
        gettext_lazy(
            "Read the bank letter, or call the company at a number that you found yourself or knew before the change."
        ),
        gettext_lazy("Micro-deposits prove who can read the statement, not who holds the account: compare the holder."),
        gettext_lazy("From now on payouts go to this account, and no longer to the previous one."),
    )

    @classmethod
    def is_possible(cls, row: BankAccount) -> bool:
        return row.status in (Status.WAITING, Status.SUSPENDED)

    @cached_property
    def letters(self) -> QuerySet[Document]:
        return storage.newest(self.row.supplier, Kind.BANK_LETTER)

    def get_form_kwargs(self) -> dict[str, Any]:
        matching = account_proofs.has_matching_deposits(self.row)
        return {**super().get_form_kwargs(), "letters": self.letters, "has_matching_deposits": matching}

    def tables(self) -> list[Table]:
        rows = [(link(one, one.name), moment_text(one.uploaded_at), one.uploaded_by) for one in self.letters]
        empty = _("The supplier has given none. Call the company, or ask it for one.")
        return [Table(_("Bank letters"), (_("File"), _("Added"), _("By")), rows, empty=empty)]

    def perform(self, form: Any) -> str:
        account, data = self.row, form.cleaned_data
        proof = account_proofs.AccountProof(
            kind=data["proof"], document=data["document"], phone_number=data["phone_number"], note=data["note"]
        )
        bank_accounts.confirm(account=account, proof=proof, by=signed_in_user(self.request), at=timezone.now())
        return _("Payouts of %(supplier)s in %(currency)s go to %(masked)s from now on.") % {
            "supplier": account.supplier,
            "currency": account.currency,
            "masked": account.masked,
        }


class RefuseView(BankAccountDecision):
    """Refuse the account: nothing is ever paid to it."""

    name = "refuse"
    alternatives = ("confirm",)
    label = button = gettext_lazy("Refuse")
    title = gettext_lazy("Refuse the bank account")
    form_class = ReasonForSupplierForm
    refusals = (reasons.ReasonMissing,)

    def perform(self, form: Any) -> str:
        user, reason = signed_in_user(self.request), form.cleaned_data["reason"]
        bank_accounts.refuse(account=self.row, by=user, reason=reason, at=timezone.now())
        return _("Account %(masked)s is refused. The destination of payouts does not change.") % {
            "masked": self.row.masked
        }


class ShowNumberView(RowDecision, DecisionView):
    """Show the full number once: to read it out to the bank, or to compare it. Each time is in the audit log."""

    row: Any  # an account with `masked`, `bank_name` and numbers
    name = "number"
    label = gettext_lazy("Show the number")
    title = gettext_lazy("Show the number of the account")
    button = gettext_lazy("Show it")
    permission = "suppliers.confirm_bank_account"
    needs_fresh_factor = True
    notes = (gettext_lazy("The audit log keeps that you have seen it. The next page shows it once."),)

    def facts(self) -> Facts:
        return [(_("Supplier"), self.row.supplier), (_("Account"), self.row.masked), (_("Bank"), self.row.bank_name)]

    def numbers(self) -> BankNumbers:
        """The numbers in full. Asking for them is audited."""
        return account_numbers.show_number(account=self.row, by=signed_in_user(self.request), at=timezone.now())

    def execute(self, form: Any) -> HttpResponse:
        shown = self.numbers()
        context = {
            **self.get_context_data(form=form),
            "facts": [*self.facts(), (_("Number"), shown.account), (_("Routing number"), shown.routing or "-")],
            "title": _("The number of account %(masked)s") % {"masked": self.row.masked},
        }
        response = render(self.request, "admin/suppliers/bankaccount/number.html", context)
        response["Cache-Control"] = "no-store"
        return response

    def perform(self, form: Any) -> str:
        raise NotImplementedError("The number is its own answer.")


def _facts(account: BankAccount) -> Facts:
    previous = financing_status.payout_account(supplier=account.supplier, currency=account.currency)
    return [
        (_("Supplier"), account.supplier),
        (_("Currency"), account.currency),
        (_("Account"), account.masked),
        (_("Account holder"), account.holder),
        (_("Bank"), f"{account.bank_name}, {countries().get(account.country, account.country)}"),
        (_("Replaces"), f"{previous.masked}, {previous.bank_name}" if previous else _("no account yet")),
        (_("Same account at"), same_account_elsewhere(account)),
        (_("Entered by"), account.added_by),
        (_("Entered"), date_format(account.added_at, "DATETIME_FORMAT")),
        (_("Can be used from"), date_format(account.usable_from, "DATETIME_FORMAT")),
        (_("Changes before it was entered"), _changes_text(account)),
        *(
            [(_("Micro-deposits matched"), moment_text(account.micro_deposits_matched_at))]
            if account.micro_deposits_matched_at
            else []
        ),
        *([(_("Suspended because"), account.suspended_because)] if account.suspended_at else []),
    ]


def _changes_text(account: BankAccount) -> str:
    """What had changed about the sign-in of who entered the account, shortly before."""
    if not account.after_account_change:
        return "none"
    changes = account_changes.recent(user=account.added_by, at=account.added_at)
    shown = [
        _("%(change)s on %(at)s")
        % {"change": change.get_kind_display(), "at": date_format(change.at, "DATETIME_FORMAT")}
        for change in changes
    ]
    return _("CAUTION: %(changes)s. The account may have been taken over.") % {
        "changes": "; ".join(shown) or _("the sign-in of this person")
    }


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
    queues = {("status__exact", Status.WAITING): "usable_from", ("status__exact", Status.SUSPENDED): "suspended_at"}
    list_select_related = ("supplier", "added_by", "confirmed_by")
    search_fields = ("supplier__name", "holder", "=last4")
    search_help_text = gettext_lazy("By supplier, holder, or the last four digits")
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
        "suspended_at",
        "suspended_because",
        "micro_deposits_matched_at",
        "proof",
        "proof_document",
        "proof_phone",
        "proof_note",
        "refused_by",
        "refused_at",
        "reason",
    )
    readonly_fields = ("account",)
    shown_if_set = (
        *(
            "suspended_at",
            "suspended_because",
            "micro_deposits_matched_at",
            "proof",
            "proof_document",
            "proof_phone",
            "proof_note",
        ),
        *("confirmed_by", "confirmed_at", "refused_by", "refused_at", "reason"),
    )
    decisions = (ConfirmView, RefuseView, ShowNumberView)

    def get_queryset(self, request: HttpRequest) -> QuerySet[BankAccount]:
        rows: QuerySet[BankAccount] = super().get_queryset(request)
        return rows.defer("account_number", "routing_number")

    @admin.display(description=gettext_lazy("Account"), ordering="last4")
    def account(self, account: BankAccount) -> str:
        return account.masked
