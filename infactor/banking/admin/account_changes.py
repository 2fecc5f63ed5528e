"""The pages on which two people change what redirects money, and on which a house account is closed or reopened."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.banking import account_changes, closing
from infactor.banking.account_changes import BankDetails
from infactor.banking.admin.account_change_facts import now_and_afterwards, what_buyers_read
from infactor.banking.admin.decisions import AccountDecision
from infactor.banking.models import AccountChange, HouseAccount
from infactor.core.admin.formatting import amount_text
from infactor.core.admin.forms import ReasonForm
from infactor.core.admin.tables import Facts, Table
from infactor.core.reasons import ReasonMissing
from infactor.users.roles import NotAllowed

Kind = AccountChange.Kind
SECOND_PERSON = gettext_lazy("Nothing changes before a second person confirms it.")


class ChangeDecision(AccountDecision):
    """A decision about a house account that may be refused for its reason, its field or its person."""

    row: HouseAccount
    refusals = (*AccountDecision.refusals, ReasonMissing, NotAllowed)


class AskingDecision(ChangeDecision):
    """Asks for a change that another person confirms. One change of an account waits at a time."""

    @classmethod
    def is_possible(cls, row: HouseAccount) -> bool:
        return super().is_possible(row) and row.waiting_change is None

    @classmethod
    def blocker_of(cls, row: HouseAccount) -> str:
        if row.waiting_change is not None:
            return _("A change of this account waits already. Confirm or refuse that first.")
        return super().blocker_of(row)


class CorrectionForm(ReasonForm):
    """Asks for the holder, the number and the bank of an account, and why."""

    originator_name = forms.CharField(
        label=gettext_lazy("Account holder"),
        max_length=70,
        required=False,
        help_text=gettext_lazy("As the bank has it. Payment files name it, and buyers read it."),
    )
    bank_name = forms.CharField(label=gettext_lazy("Bank"), max_length=140)
    account_number = forms.CharField(
        label=gettext_lazy("New account number"),
        max_length=50,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Leave it empty if the number stays."),
    )
    routing_number = forms.CharField(label=gettext_lazy("Routing number"), max_length=20, required=False)
    bic = forms.CharField(label=gettext_lazy("BIC"), max_length=11, required=False)
    field_order = ("originator_name", "bank_name", "account_number", "routing_number", "bic", "reason")


class CorrectView(AskingDecision):
    """Ask for another holder, another number, or another bank."""

    name = "correct"
    label = title = gettext_lazy("Correct holder, number or bank")
    button = gettext_lazy("Ask for it")
    holds_secrets = True
    form_class = CorrectionForm
    notes = (
        SECOND_PERSON,
        gettext_lazy("Files that are exported afterwards have the new number. The former one stays in the history."),
    )

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.row, name) for name in ("originator_name", "bank_name", "routing_number", "bic")}

    def facts(self) -> Facts:
        return [(_("Account"), str(self.row)), (_("Bank"), self.row.bank_name), (_("Number"), self.row.masked)]

    def perform(self, form: Any) -> str:
        given = dict(form.cleaned_data)
        reason = given.pop("reason")
        account_changes.request_details(
            account=self.row, details=BankDetails(**given), reason=reason, by=self.user, at=timezone.now()
        )
        return _("It is asked for. A second person must confirm it.")


class PayToView(AskingDecision):
    """Ask that buyers be told to pay to this account."""

    name = "pay_to"
    label = title = gettext_lazy("Let buyers pay to it")
    button = gettext_lazy("Ask for it")
    form_class = ReasonForm
    notes = (
        SECOND_PERSON,
        gettext_lazy(
            "Pages, mails and letters name it from then on. Notices that were given keep the account they named."
        ),
    )

    @classmethod
    def is_possible(cls, row: HouseAccount) -> bool:
        return super().is_possible(row) and not row.is_pay_to

    @classmethod
    def blocker_of(cls, row: HouseAccount) -> str:
        return _("Buyers are told to pay to it already.") if row.is_pay_to else super().blocker_of(row)

    def facts(self) -> Facts:
        now = HouseAccount.objects.filter(currency=self.row.currency, is_pay_to=True).first()
        return [
            (_("Account"), str(self.row)),
            *what_buyers_read(self.row, number=self.row.masked),
            (_("Buyers pay to now"), _("none of the house accounts") if now is None else str(now)),
        ]

    def perform(self, form: Any) -> str:
        account_changes.request_pay_to(account=self.row, **form.cleaned_data, by=self.user, at=timezone.now())
        return _("It is asked for. A second person must confirm it.")


class DecidingView(ChangeDecision):
    """Decide about the change that waits."""

    @classmethod
    def is_possible(cls, row: HouseAccount) -> bool:
        return super().is_possible(row) and row.waiting_change is not None

    @classmethod
    def blocker_of(cls, row: HouseAccount) -> str:
        is_open = row.closed_at is None
        return _("No change of this account waits.") if is_open else super().blocker_of(row)

    @property
    def change(self) -> AccountChange:
        change: AccountChange = self.row.waiting_change
        return change

    def facts(self) -> Facts:
        change, row = self.change, self.row
        facts: list[tuple[Any, Any]] = [
            (_("Account"), str(row)),
            (_("Change"), change.get_kind_display()),
            (_("Reason"), change.reason),
            (_("Asked for by"), str(change.requested_by)),
        ]
        if change.kind == Kind.PAY_TO:
            now = HouseAccount.objects.filter(currency=row.currency, is_pay_to=True).first()
            facts += [
                (_("Buyers pay to now"), _("none of the house accounts") if now is None else str(now)),
                *what_buyers_read(change, number=change.account_number),
            ]
            return facts
        return [*facts, *now_and_afterwards(row, change)]


class ConfirmChangeView(DecidingView):
    """The second person confirms the change."""

    name = "confirm_change"
    label = title = gettext_lazy("Confirm the change")
    button = gettext_lazy("Confirm")
    notes = (gettext_lazy("Compare it with what the bank has sent, not with what you were told."),)

    @classmethod
    def is_allowed(cls, user: Any, row: HouseAccount) -> bool:
        change = row.waiting_change
        return super().is_allowed(user, row) and (change is None or change.requested_by_id != user.pk)

    def perform(self, form: Any) -> str:
        account_changes.confirm(change=self.change, by=self.user, at=timezone.now())
        return _("The change of %(account)s is in force.") % {"account": self.row}


class RefuseChangeView(DecidingView):
    """The second person refuses the change, or who asked for it withdraws it."""

    name = "refuse_change"
    label = title = gettext_lazy("Refuse or withdraw the change")
    button = gettext_lazy("Refuse")
    form_class = ReasonForm

    def perform(self, form: Any) -> str:
        account_changes.refuse(change=self.change, **form.cleaned_data, by=self.user, at=timezone.now())
        return _("Nothing of %(account)s has changed.") % {"account": self.row}


class CloseView(ChangeDecision):
    """Close an account at whose bank nothing is left."""

    name = "close"
    label = title = gettext_lazy("Close the account")
    button = gettext_lazy("Close it")
    form_class = ReasonForm
    notes = (
        gettext_lazy("It takes no new payouts, statements and movements, and stays in reports and in every history."),
        gettext_lazy("The last account of a currency can be closed once nothing is open in that currency."),
        gettext_lazy(
            "Until it is opened again, no batch that was withdrawn counts as sent again, no payment that came on it is "
            "taken back, and what its lines are stays."
        ),
    )

    def facts(self) -> Facts:
        row: Any = self.row  # with its balance, as the list has it
        return [(_("Account"), str(row)), (_("In the books now"), amount_text(row.book_balance, row.currency))]

    def tables(self) -> list[Table]:
        found = closing.obstacles(account=self.row, at=timezone.now())
        nothing = _("Nothing is against it.")
        return [Table(_("What is against it"), (_("Reason"),), [(one,) for one in found], nothing)]

    def perform(self, form: Any) -> str:
        closing.close(account=self.row, **form.cleaned_data, by=self.user, at=timezone.now())
        return _("%(account)s is closed.") % {"account": self.row}


class ReopenView(ChangeDecision):
    """Use a closed account again."""

    name = "reopen"
    label = title = gettext_lazy("Open it again")
    button = gettext_lazy("Open")
    form_class = ReasonForm

    @classmethod
    def is_possible(cls, row: HouseAccount) -> bool:
        return row.closed_at is not None

    @classmethod
    def blocker_of(cls, row: HouseAccount) -> str:
        return _("This account is not closed.")

    def facts(self) -> Facts:
        return [(_("Account"), str(self.row)), (_("Closed because"), self.row.closing_reason)]

    def perform(self, form: Any) -> str:
        closing.reopen(account=self.row, **form.cleaned_data, by=self.user, at=timezone.now())
        return _("%(account)s is open again.") % {"account": self.row}


DECISIONS = (ConfirmChangeView, RefuseChangeView, CorrectView, PayToView, CloseView, ReopenView)
