"""What a payment is for, as staff type it and as it would be split: for recording one, and for matching it later."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import formset_factory
from django.forms.formsets import BaseFormSet

from infactor.core.admin.base import amount_text
from infactor.core.admin.decisions import Table
from infactor.core.admin.preview import Look, Part
from infactor.financing.accounting import journal
from infactor.financing.admin.base.parts import link
from infactor.financing.collections import lookup, payments
from infactor.financing.collections.payments import CollectionRefused, Target
from infactor.financing.models import Advance, Match
from infactor.suppliers.models import Supplier

ROWS = 4
ADVANCE, PAYABLE, DUE = "advance", "payable", "due"
CHOICES = [
    (ADVANCE, "A financed invoice"),
    (PAYABLE, "Belongs to the supplier: an invoice that is not financed"),
    (DUE, "What the supplier owes infactor"),
]


class TargetForm(forms.Form):
    """One thing that a part of the payment is for."""

    what = forms.ChoiceField(choices=CHOICES, initial=ADVANCE, label="It is for")
    named = forms.CharField(
        required=False,
        max_length=100,
        label="Advance",
        help_text="Its number, like A17, or the number of its invoice. Only for a financed invoice.",
    )
    supplier = forms.CharField(
        required=False,
        max_length=200,
        help_text="The supplier's name: needed where no advance is named, or where its invoice number is not enough.",
    )
    amount = forms.DecimalField(
        required=False,
        max_digits=18,
        decimal_places=2,
        min_value=Decimal("0.01"),
        help_text="Empty: all that is left of the payment.",
    )

    def clean(self) -> dict[str, Any]:
        """With the advance or the supplier that is meant."""
        said: dict[str, Any] = super().clean() or {}
        if self.has_changed() and "what" in said:
            try:
                if said["what"] == ADVANCE:
                    said["advance_row"] = lookup.advance(named=said.get("named", ""), supplier=said.get("supplier", ""))
                else:
                    said["supplier_row"] = lookup.supplier(named=said.get("supplier", ""))
            except lookup.NotNamed as problem:
                self.add_error("named" if said["what"] == ADVANCE else "supplier", str(problem))
        return said


TargetFormSet = formset_factory(TargetForm, extra=ROWS, max_num=ROWS)


def parts_of(formset: BaseFormSet) -> list[Part]:
    """The rows of the form, each under its own legend."""
    return [Part(f"What it is for: part {number}", form) for number, form in enumerate(formset.forms, start=1)]


def targets_of(formset: BaseFormSet, *, left: Decimal) -> list[Target]:
    """What was typed, of `left` of the payment. Raises CollectionRefused where two rows are without an amount."""
    typed = [form.cleaned_data for form in formset.forms if form.has_changed()]
    named = sum((said["amount"] or Decimal(0) for said in typed), Decimal(0))
    if sum(said["amount"] is None for said in typed) > 1:
        raise CollectionRefused("Only one part can be without an amount.")
    if named > left:
        raise CollectionRefused(f"Together that is {named:,.2f}, but {left:,.2f} are left of the payment.")
    return [
        Target(
            said["amount"] if said["amount"] is not None else left - named,
            advance=said.get("advance_row"),
            supplier=said.get("supplier_row"),
            is_due=said["what"] == DUE,
        )
        for said in typed
    ]


def look_at(targets: Sequence[Target], *, left: Decimal, currency: str) -> Look:
    """How `left` of a payment would be split. Raises CollectionRefused."""
    rows: list[Sequence[object]] = []
    used = Decimal("0.00")
    parts = [(target, part) for target in targets for part in payments.split(target=target, currency=currency)]
    suppliers = Supplier.objects.in_bulk({part.supplier_id for _, part in parts})
    for _, part in parts:
        used += part.amount
        rows.append(
            (
                Match.Kind(part.kind).label,
                link(suppliers[part.supplier_id]),
                _advance_text(part.advance),
                amount_text(part.amount, currency),
                _open_text(part),
            )
        )
    if rest := left - used:
        rows.append(("Waits until somebody says what it is for", "-", "-", amount_text(rest, currency), "-"))
    return Look(
        tables=(
            Table(
                caption="Where the money goes",
                columns=("For", "Supplier", "Advance", "Amount", "Then still open"),
                rows=rows,
            ),
        ),
        notes=("It is posted to the books; suppliers are told by mail where their invoices are paid.",),
    )


def _advance_text(advance: Advance | None) -> object:
    return "-" if advance is None else link(advance, f"{advance}, invoice {advance.invoice}")


def _open_text(part: payments.Part) -> object:
    if part.advance is None or part.kind != Match.Kind.ADVANCE:
        return "-"
    left = journal.outstanding(advance=part.advance).receivable - part.amount
    return amount_text(left, part.advance.currency)
