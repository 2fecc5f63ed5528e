"""Staff's decisions about payments: record one, match it to advances, and record its return by the bank."""

from functools import cached_property
from typing import Any

from django import forms
from django.db.models import F, Q, TextField, Value
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.decisions import RowDecision
from infactor.core.admin.formatting import amount_text, day_text, link
from infactor.core.admin.preview import Fieldset, Preview
from infactor.core.admin.tables import Facts, Table
from infactor.core.form_fields import DayInput
from infactor.financing.accounting import balances
from infactor.financing.admin.base.decisions import FinancingDecision, FinancingPreview, money_day
from infactor.financing.admin.base.forms import CurrencyField, ValueDateAndReasonForm, parse_key
from infactor.financing.admin.payments.allocation_forms import (
    AllocationFormSet,
    allocation_preview,
    allocation_targets,
)
from infactor.financing.admin.payments.look_alikes import is_another_field, look_alikes_tables
from infactor.financing.admin.payments.payment_facts import left_of, payment_facts, undone_text
from infactor.financing.collections import payments
from infactor.financing.collections.payments import IncomingPayment
from infactor.financing.models import OUTSTANDING_STATUSES, Advance, Collection

MAX_LIKELY = 10


class IncomingPaymentForm(forms.Form):
    """Asks for a payment from the bank's statement."""

    amount = forms.DecimalField(label=gettext_lazy("Amount"), max_digits=18, decimal_places=2)
    currency = CurrencyField()
    value_date = forms.DateField(label=gettext_lazy("Value date"), widget=DayInput())
    bank_reference = forms.CharField(
        label=gettext_lazy("Bank reference"),
        max_length=100,
        help_text=gettext_lazy("The bank's own reference: it prevents recording a payment twice."),
    )
    payer = forms.CharField(label=gettext_lazy("Payer"), max_length=200, required=False)
    remittance = forms.CharField(
        label=gettext_lazy("What it is for"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("The payer's own words."),
    )
    is_another = is_another_field()

    def payment(self) -> IncomingPayment:
        """What was typed, as a payment."""
        data = {name: value for name, value in self.cleaned_data.items() if name != "is_another"}
        return IncomingPayment(**data)


class AllocationView(FinancingPreview):
    """A decision on what a payment is for: its formset has a row for each part of the payment."""

    permission = payments.RECORD_COLLECTIONS
    needs_fresh_factor = True
    formset_class = AllocationFormSet

    def get_fieldsets(self, form: Any) -> list[Fieldset]:
        own = [Fieldset(self.legend, form)] if form.fields else []
        rows = enumerate(self.formset.forms, start=1)
        return [
            *own,
            *(Fieldset(_("What it is for: part %(number)s") % {"number": number}, row) for number, row in rows),
        ]


class RecordView(AllocationView):
    """Record a payment, matched as far as that is known. `?advance=17` fills in what is outstanding of an advance."""

    title = gettext_lazy("Record a payment")
    button = gettext_lazy("Record")
    legend = gettext_lazy("The payment")
    form_class = IncomingPaymentForm
    notes = (
        gettext_lazy("Leave the parts empty if you do not know what the payment is for: it then waits to be matched."),
    )

    @cached_property
    def advance(self) -> Advance | None:
        """The outstanding advance that the address names."""
        rows = Advance.objects.filter(status__in=OUTSTANDING_STATUSES).select_related("supplier")
        return rows.filter(pk=parse_key(self.request.GET.get("advance", ""))).first()

    def get_success_url(self) -> str:
        return reverse("admin:financing_collection_changelist")

    def get_initial(self) -> dict[str, Any]:
        if self.advance is None:
            return {"value_date": money_day()}
        return {
            "value_date": money_day(),
            "currency": self.advance.currency,
            "amount": balances.outstanding(advance=self.advance).receivable,
        }

    def get_formset_initial(self) -> list[dict[str, object]]:
        if self.advance is None:
            return []
        outstanding = balances.outstanding(advance=self.advance).receivable
        return [{"what": "advance", "named": f"A{self.advance.pk}", "amount": outstanding}]

    def tables(self) -> list[Table]:
        """The recorded payments that look like what was typed."""
        form = self.get_form()
        if self.request.method != "POST" or not form.is_valid() or not self.formset.is_valid():
            return []
        try:
            targets = allocation_targets(self.formset, unallocated=form.cleaned_data["amount"])
        except payments.CollectionError:
            return []
        return look_alikes_tables(payment=form.payment(), targets=targets)

    def preview(self, form: Any) -> Preview:
        amount = payments.validate(payment=form.payment(), at=timezone.now())
        targets = allocation_targets(self.formset, unallocated=amount)
        return allocation_preview(targets, unallocated=amount, currency=form.cleaned_data["currency"])

    def perform(self, form: Any) -> str:
        collection = payments.record(
            payment=form.payment(),
            targets=allocation_targets(self.formset, unallocated=form.cleaned_data["amount"]),
            is_another=form.cleaned_data["is_another"],
            by=self.user,
            at=timezone.now(),
        )
        return _("%(collection)s is recorded.") % {"collection": collection}


class RecordForAdvanceView(RowDecision):
    """Leads to the page that records a payment, filled in for this advance."""

    row: Advance
    name = "pay"
    label = gettext_lazy("Record a payment")
    permission = payments.RECORD_COLLECTIONS

    @classmethod
    def is_possible(cls, row: Advance) -> bool:
        return row.status == Advance.Status.FUNDED

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(f"{reverse('admin:financing_collection_record')}?advance={self.row.pk}")


class MatchView(RowDecision, AllocationView):
    """Match what is unallocated of a payment."""

    row: Collection
    name = "match"
    label = button = gettext_lazy("Match")
    title = gettext_lazy("Match a payment")

    @classmethod
    def is_possible(cls, row: Collection) -> bool:
        return left_of(row) > 0

    @classmethod
    def blocker_of(cls, row: Collection) -> str:
        return undone_text(row) or _("Nothing of it is left: all of it is matched or refunded.")

    @cached_property
    def targets(self) -> list[payments.AllocationTarget]:
        targets = allocation_targets(self.formset, unallocated=payments.unallocated(collection=self.row))
        if not targets:
            raise payments.CollectionError(_("Enter what the payment is for."))
        return targets

    def facts(self) -> Facts:
        return payment_facts(self.row)

    def tables(self) -> list[Table]:
        return [likely_advances_table(self.row)]

    def preview(self, form: Any) -> Preview:
        unallocated = payments.unallocated(collection=self.row)
        return allocation_preview(self.targets, unallocated=unallocated, currency=self.row.currency)

    def perform(self, form: Any) -> str:
        payments.allocate(collection=self.row, targets=self.targets, by=self.user, at=timezone.now())
        return _("%(row)s is matched.") % {"row": self.row}


class RecordReturnView(RowDecision, FinancingDecision):
    """The bank has returned the payment: undo everything that followed from it."""

    row: Collection
    name = "return"
    label = gettext_lazy("Record a return")
    title = gettext_lazy("Record a return by the bank")
    button = gettext_lazy("Record")
    permission = payments.RECORD_COLLECTIONS
    needs_fresh_factor = True
    form_class = ValueDateAndReasonForm
    notes = (
        gettext_lazy(
            "Advances that it had paid are outstanding again. A settlement is undone: the supplier owes the rebate."
        ),
        gettext_lazy(
            "Of what was bought back meanwhile, the supplier owes the amount; of what was written off, it is lost."
        ),
        gettext_lazy("Only for what the bank took back. Unmatch a payment that was matched wrongly."),
        gettext_lazy("An email tells the suppliers concerned."),
    )

    @classmethod
    def is_possible(cls, row: Collection) -> bool:
        return row.counts

    @classmethod
    def blocker_of(cls, row: Collection) -> str:
        return undone_text(row) or super().blocker_of(row)

    def get_initial(self) -> dict[str, Any]:
        return {"value_date": money_day()}

    def facts(self) -> Facts:
        return payment_facts(self.row)

    def tables(self) -> list[Table]:
        allocations = self.row.allocations.filter(reversed_at__isnull=True).select_related("supplier", "advance")
        return [
            Table(
                caption=_("Undone with it"),
                columns=(_("For"), _("Supplier"), _("Advance"), _("Amount")),
                rows=[
                    (
                        one.get_kind_display(),
                        link(one.supplier),
                        link(one.advance) if one.advance else "-",
                        amount_text(one.amount, self.row.currency),
                    )
                    for one in allocations
                ],
            )
        ]

    def perform(self, form: Any) -> str:
        data = form.cleaned_data
        payments.record_return(
            collection=self.row,
            value_date=data["value_date"],
            reason=data["reason"],
            by=self.user,
            at=timezone.now(),
        )
        return _("The return of %(row)s is recorded, and everything that followed from it is undone.") % {
            "row": self.row
        }


def likely_advances_table(collection: Collection) -> Table:
    """Advances that the payment may be for: the same amount, or the invoice number in its text."""
    text = Value(collection.remittance, output_field=TextField())
    rows = (
        Advance.objects.filter(status__in=OUTSTANDING_STATUSES, currency=collection.currency)
        .annotate(text=text)
        .filter(Q(face=collection.amount) | Q(text__icontains=F("invoice__invoice_no"), invoice__invoice_no__gt=""))
        .select_related("supplier", "invoice", "buyer")
        .order_by("pk")[:MAX_LIKELY]
    )
    return Table(
        caption=_("Advances that it may be for: the same amount, or the invoice number in its text"),
        empty=_("No outstanding advance has this amount, or an invoice number in the text of the payment."),
        columns=(_("Advance"), _("Invoice"), _("Supplier"), _("Buyer"), _("Face"), _("Funded")),
        rows=[
            (
                link(one, f"A{one.pk}"),
                str(one.invoice),
                str(one.supplier),
                str(one.buyer),
                amount_text(one.face, one.currency),
                day_text(one.funded_on),
            )
            for one in rows
        ],
    )
