"""Staff's decisions about a credit: a collection cost that came back, and a return that was none."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.banking.models import StatementLine
from infactor.core.admin.forms import ReasonForm
from infactor.financing import payouts
from infactor.financing.admin.base.forms import SupplierReasonForm
from infactor.financing.admin.payments.line_decisions import LineDecision
from infactor.financing.advances import closing
from infactor.financing.corrections import cost_corrections, returned_payouts
from infactor.financing.models import CollectionCost, Payout
from infactor.financing.money_out import debit_candidates


class CostCameBackForm(ReasonForm):
    """Asks which collection cost came back, and why."""

    cost = forms.ModelChoiceField(CollectionCost.objects.none(), label=gettext_lazy("Cost"))
    field_order = ("cost", "reason")


class CostCameBackView(LineDecision):
    """Accept that a credit is a collection cost that its payee, or the bank, gave back."""

    name, label, title, button = (
        "cost_back",
        gettext_lazy("A cost that came back"),
        gettext_lazy("Which collection cost came back?"),
        gettext_lazy("Accept"),
    )
    permission = closing.SETTLE_ADVANCES
    form_class = CostCameBackForm
    notes = (gettext_lazy("It is no cost any more. Where it still has to be paid, record it again."),)

    @classmethod
    def is_possible(cls, row: StatementLine) -> bool:
        return row.status == StatementLine.Status.WAITING and debit_candidates.returnable_costs(line=row).exists()

    @classmethod
    def blocker_of(cls, row: StatementLine) -> str:
        is_open = row.status == StatementLine.Status.WAITING
        return _("No collection cost of this amount was debited.") if is_open else super().blocker_of(row)

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.fields["cost"].queryset = debit_candidates.returnable_costs(line=self.row)
        form.fields["cost"].label_from_instance = lambda one: (
            _("%(one)s, to %(payee)s") % {"one": one, "payee": one.payee}
        )
        return form

    def perform(self, form: Any) -> str:
        cost_corrections.record_return(line=self.row, by=self.user, at=timezone.now(), **form.cleaned_data)
        return _("%(cost)s came back.") % {"cost": form.cleaned_data["cost"]}


class NotReturnedView(LineDecision):
    """The credit was not the return that it was accepted as."""

    name, label, title, button = (
        "not_returned",
        gettext_lazy("Not a return"),
        gettext_lazy("Take back the return"),
        gettext_lazy("Take back"),
    )
    permission = payouts.PREPARE_PAYOUTS
    form_class = SupplierReasonForm
    notes = (
        gettext_lazy("What came back counts as paid again, and this line is open again."),
        gettext_lazy("If it was prepared again since, stop that payout first: it is cancelled then."),
        gettext_lazy(
            "A buyer that was told to pay the supplier gets a new notice of assignment. The supplier gets an email."
        ),
        gettext_lazy("An account that the return suspended stays suspended until it is confirmed."),
    )

    @classmethod
    def is_possible(cls, row: StatementLine) -> bool:
        return is_return(row)

    @classmethod
    def blocker_of(cls, row: StatementLine) -> str:
        return _("Nothing came back by this line.")

    def perform(self, form: Any) -> str:
        given = {"line": self.row, "reason": form.cleaned_data["reason"], "by": self.user, "at": timezone.now()}
        if CollectionCost.objects.filter(credit_line=self.row).exists():
            cost_corrections.take_back_return(**given)
        else:
            returned_payouts.take_back(**given)
        return _("%(row)s is open again.") % {"row": self.row}


def is_return(row: StatementLine) -> bool:
    """Whether a payout or a collection cost came back by this line."""
    return Payout.objects.filter(credit_line=row).exists() or CollectionCost.objects.filter(credit_line=row).exists()
