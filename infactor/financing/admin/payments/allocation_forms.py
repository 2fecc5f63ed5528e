"""What a payment is for: the rows that staff type, and the preview of the allocation."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import formset_factory
from django.forms.formsets import BaseFormSet
from django.utils.translation import gettext, gettext_lazy

from infactor.core.admin.formatting import amount_text, link
from infactor.core.admin.preview import Preview
from infactor.core.admin.tables import Table
from infactor.core.money import format_number
from infactor.financing.accounting import balances
from infactor.financing.collections import lookup, payments
from infactor.financing.collections.payments import AllocationTarget, CollectionError
from infactor.financing.models import Advance, CollectionAllocation
from infactor.suppliers.models import Supplier

ROW_COUNT = 4
ADVANCE, PAYABLE, DUE = "advance", "payable", "due"
CHOICES = [
    (ADVANCE, gettext_lazy("A financed invoice")),
    (PAYABLE, gettext_lazy("Surplus of the supplier: an invoice that is not financed")),
    (DUE, gettext_lazy("What the supplier owes infactor")),
]


class AllocationForm(forms.Form):
    """Asks what one part of the payment is for."""

    what = forms.ChoiceField(choices=CHOICES, initial=ADVANCE, label=gettext_lazy("It is for"))
    named = forms.CharField(
        required=False,
        max_length=100,
        label=gettext_lazy("Advance"),
        help_text=gettext_lazy("Its number, like A17, or the number of its invoice. Only for a financed invoice."),
    )
    supplier = forms.CharField(
        label=gettext_lazy("Supplier"),
        required=False,
        max_length=200,
        help_text=gettext_lazy(
            "The supplier's name. Needed if no advance is named, or if several suppliers use the invoice number."
        ),
    )
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"),
        required=False,
        max_digits=18,
        decimal_places=2,
        min_value=Decimal("0.01"),
        help_text=gettext_lazy("Empty: the rest of the payment."),
    )

    def clean(self) -> dict[str, Any]:
        """Look up the advance or the supplier that the row names."""
        data: dict[str, Any] = super().clean() or {}
        if self.has_changed() and "what" in data:
            try:
                if data["what"] == ADVANCE:
                    data["advance_row"] = lookup.find_advance(
                        name=data.get("named", ""), supplier=data.get("supplier", "")
                    )
                else:
                    data["supplier_row"] = lookup.find_supplier(name=data.get("supplier", ""))
            except lookup.NoSingleMatch as problem:
                self.add_error("named" if data["what"] == ADVANCE else "supplier", str(problem))
        return data


AllocationFormSet = formset_factory(AllocationForm, extra=ROW_COUNT, max_num=ROW_COUNT)


def allocation_targets(formset: BaseFormSet, *, unallocated: Decimal) -> list[AllocationTarget]:
    """The typed rows as targets. Raises CollectionError where two rows have no amount, or they exceed the payment."""
    typed = [form.cleaned_data for form in formset.forms if form.has_changed()]
    named = sum((data["amount"] or Decimal(0) for data in typed), Decimal(0))
    if sum(data["amount"] is None for data in typed) > 1:
        raise CollectionError(gettext("Only one part can be without an amount."))
    if named > unallocated:
        raise CollectionError(
            gettext("The parts add up to %(named)s, but %(unallocated)s is left of the payment.")
            % {"named": format_number(named, places=2), "unallocated": format_number(unallocated, places=2)}
        )
    return [
        AllocationTarget(
            data["amount"] if data["amount"] is not None else unallocated - named,
            advance=data.get("advance_row"),
            supplier=data.get("supplier_row"),
            is_due=data["what"] == DUE,
        )
        for data in typed
    ]


def allocation_preview(targets: Sequence[AllocationTarget], *, unallocated: Decimal, currency: str) -> Preview:
    """How the unallocated part of a payment would be split. Raises CollectionError."""
    rows: list[Sequence[object]] = []
    used = Decimal("0.00")
    parts = [
        (target, part) for target in targets for part in payments.preview_allocation(target=target, currency=currency)
    ]
    suppliers = Supplier.objects.in_bulk({part.supplier_id for _, part in parts})
    for _, part in parts:
        used += part.amount
        rows.append(
            (
                CollectionAllocation.Kind(part.kind).label,
                link(suppliers[part.supplier_id]),
                _advance_text(part.advance),
                amount_text(part.amount, currency),
                _outstanding_text(part),
            )
        )
    if rest := unallocated - used:
        rows.append((gettext("Waits to be matched"), "-", "-", amount_text(rest, currency), "-"))
    return Preview(
        tables=(
            Table(
                caption=gettext("Where the money goes"),
                columns=(
                    gettext("For"),
                    gettext("Supplier"),
                    gettext("Advance"),
                    gettext("Amount"),
                    gettext("Then outstanding"),
                ),
                rows=rows,
            ),
        ),
        notes=(gettext("It is posted to the ledger. An email tells the suppliers whose invoices are paid."),),
    )


def _advance_text(advance: Advance | None) -> object:
    return (
        "-"
        if advance is None
        else link(
            advance, gettext("%(advance)s, invoice %(invoice)s") % {"advance": advance, "invoice": advance.invoice}
        )
    )


def _outstanding_text(part: payments.AllocationPart) -> object:
    if part.advance is None or part.kind != CollectionAllocation.Kind.ADVANCE:
        return "-"
    left = balances.outstanding(advance=part.advance).receivable - part.amount
    return amount_text(left, part.advance.currency)
