"""Staff's decisions about a line of a statement: what a payment is for, or that it is a movement of our own."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.banking import matches, movements, open_accounts
from infactor.banking.errors import BankingError
from infactor.banking.models import Movement, StatementLine
from infactor.core.admin.decisions import RowDecision
from infactor.core.admin.formatting import amount_text, day_text, link
from infactor.core.admin.preview import Fieldset, Preview
from infactor.core.admin.tables import Facts, Table
from infactor.core.money import format_amount
from infactor.financing.admin.base.background import advances_background
from infactor.financing.admin.base.decisions import REFUSALS, FinancingDecision
from infactor.financing.admin.payments.allocation_forms import AllocationFormSet, allocation_preview, allocation_targets
from infactor.financing.admin.payments.look_alikes import is_another_field, look_alikes_tables
from infactor.financing.admin.payments.payment_entry import AllocationView
from infactor.financing.collections import line_acceptance, line_candidates, payments
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.models import LineProposal

OPEN = matches.OPEN
MOVEMENTS = [one for one in Movement.Kind.choices if one[0] != Movement.Kind.OPENING]


class LineDecision(RowDecision, FinancingDecision):
    """A decision about an open line."""

    row: StatementLine
    permission = payments.RECORD_COLLECTIONS
    needs_fresh_factor = True
    refusals = (*REFUSALS, BankingError)
    back_label = gettext_lazy("Match bank statements")

    @classmethod
    def is_possible(cls, row: StatementLine) -> bool:
        return row.status in OPEN

    def facts(self) -> Facts:
        return line_facts(self.row)

    def get_success_url(self) -> str:
        return reverse("admin:banking_statementline_matching")


class TickForm(forms.Form):
    """Asks which open invoices the line pays: the candidates, and what a search finds."""

    advances = forms.MultipleChoiceField(
        label=gettext_lazy("It pays"), required=False, choices=[], widget=forms.CheckboxSelectMultiple
    )
    find = forms.CharField(
        label=gettext_lazy("Find others"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("A number of an invoice or an advance, a buyer or a supplier; then Preview."),
    )
    is_another = is_another_field()


class MatchLineView(LineDecision, AllocationView):
    """Say what a credit is for: any number of open invoices to tick, and other parts below."""

    name, label, title, button = (
        "match",
        gettext_lazy("Match"),
        gettext_lazy("What is this payment for?"),
        gettext_lazy("Record"),
    )
    legend = gettext_lazy("Open invoices")
    form_class = TickForm
    formset_class = AllocationFormSet
    notes = (
        gettext_lazy("Ticked invoices are paid in the order of the list, each up to what is open of it."),
        gettext_lazy("Tick nothing to record a payment that waits to be matched."),
    )

    @classmethod
    def is_possible(cls, row: StatementLine) -> bool:
        return row.status == StatementLine.Status.WAITING

    @cached_property
    def candidates(self) -> Sequence[line_candidates.Candidate]:
        typed = self.request.POST
        return line_candidates.find(line=self.row, text=typed.get("find", ""), ticked=typed.getlist("advances"))

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        currency = self.row.account.currency
        form.fields["advances"].choices = [
            (
                str(one.advance.pk),
                _("A%(pk)s, invoice %(invoice)s, %(buyer)s, %(supplier)s: %(outstanding)s open")
                % {
                    "pk": one.advance.pk,
                    "invoice": one.advance.invoice,
                    "buyer": one.advance.buyer,
                    "supplier": one.advance.supplier,
                    "outstanding": format_amount(one.outstanding, currency),
                },
            )
            for one in self.candidates
        ]
        return form

    def get_initial(self) -> dict[str, Any]:
        return {"advances": [str(one.advance.pk) for one in self.candidates if one.is_proposed]}

    def get_fieldsets(self, form: Any) -> list[Fieldset]:
        rows = enumerate(self.formset.forms, start=1)
        parts = [
            Fieldset(_("Part %(number)s that is for something else") % {"number": number}, row, is_folded=True)
            for number, row in rows
        ]
        return [Fieldset(self.legend, form), *parts]

    def tables(self) -> list[Table]:
        """Why it is likely for what is ticked, and what it looks like then."""
        form = self.get_form()
        if self.request.method != "POST" or not form.is_valid() or not self.formset.is_valid():
            targets = [
                AllocationTarget(one.outstanding, advance=one.advance) for one in self.candidates if one.is_proposed
            ]
        else:
            try:
                targets = self.targets(form)
            except payments.CollectionError:
                return [reasons_table(self.row)]
        payment = line_acceptance.payment_of(line=self.row)
        paid = [one.advance for one in targets if one.advance is not None]
        look_alikes = look_alikes_tables(payment=payment, targets=targets)
        return [*look_alikes, reasons_table(self.row), *advances_background(paid)]

    def targets(self, form: Any) -> list[AllocationTarget]:
        ticked = {int(pk) for pk in form.cleaned_data["advances"]}
        left = self.row.amount
        found = []
        for one in self.candidates:
            if one.advance.pk in ticked and (part := min(one.outstanding, left)):
                found.append(AllocationTarget(part, advance=one.advance))
                left -= part
        return [*found, *allocation_targets(self.formset, unallocated=left)]

    def preview(self, form: Any) -> Preview:
        return allocation_preview(self.targets(form), unallocated=self.row.amount, currency=self.row.account.currency)

    def perform(self, form: Any) -> str:
        collection = line_acceptance.record_line(
            line=self.row,
            targets=self.targets(form),
            by=self.user,
            at=timezone.now(),
            is_another=form.cleaned_data["is_another"],
        )
        return format_html(_("{} is recorded."), link(collection))


class ExplainForm(forms.Form):
    """Asks what a line is that is no payment of a buyer and no payout."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=MOVEMENTS)
    other_account = forms.ModelChoiceField(
        open_accounts.choices(),
        label=gettext_lazy("Other account"),
        required=False,
        help_text=gettext_lazy("For a transfer between house accounts only."),
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)


class ExplainView(LineDecision):
    """Say that a line is capital, credit facility, a charge, interest or a transfer, and post it."""

    name, label, title, button = (
        "explain",
        gettext_lazy("Charge, capital, transfer"),
        gettext_lazy("It is a movement of our own"),
        gettext_lazy("Post"),
    )
    permission = movements.KEEP_HOUSE_ACCOUNTS
    form_class = ExplainForm

    def perform(self, form: Any) -> str:
        done = movements.record(
            account=self.row.account,
            amount=self.row.amount,
            value_date=self.row.value_date,
            line=self.row,
            by=self.user,
            at=timezone.now(),
            **form.cleaned_data,
        )
        return _("%(row)s is posted: %(kind)s.") % {"row": self.row, "kind": done.get_kind_display()}


def line_facts(line: StatementLine) -> Facts:
    """What the bank says of a line."""
    return [
        (_("Line"), link(line)),
        (_("Account"), link(line.account)),
        (_("Amount"), amount_text(line.amount, line.account.currency)),
        (_("Value date"), day_text(line.value_date)),
        (_("Payer or payee"), line.payer or "-"),
        (_("What it is for"), line.remittance or "-"),
        (_("Reference"), line.reference or line.entry_id or "-"),
    ]


def reasons_table(line: StatementLine) -> Table:
    """Why the proposal for a line is what it is."""
    proposal = LineProposal.objects.filter(line=line).first()
    rows = [] if proposal is None else [(one,) for one in proposal.reasons]
    return Table(_("What is known of it"), (_("Reason"),), rows, _("Nothing fits it so far."))
