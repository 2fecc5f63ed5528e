"""The form of one invoice by hand, in a supplier's words."""

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.form_fields import AmountField, DayInput
from infactor.invoices.by_hand import buyers, entry, values
from infactor.invoices.by_hand.entry import Entry
from infactor.invoices.debtors.company_names import normalized_name
from infactor.invoices.models import Invoice
from infactor.suppliers.models import Supplier

ZERO = Decimal("0.00")
MAX_SUGGESTED = 200
DATE = DayInput()
NEEDED = ("number", "buyer", "email", "issued", "due", "amount")
FIELD_OF = {"buyer_name": "buyer", "buyer_email": "email"}  # of an Entry


class AmountOrZero(AmountField):
    """An amount that may be zero."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators = [one for one in self.validators if not isinstance(one, MinValueValidator)]


class InvoiceForm(forms.Form):
    """Asks for one invoice. What is required depends on whether it is kept as a draft, so `Entry` says it."""

    use_required_attribute = False

    key = forms.UUIDField(widget=forms.HiddenInput)
    number = forms.CharField(label=gettext_lazy("Invoice number"), max_length=entry.MAX_NUMBER, required=False)
    buyer = forms.CharField(
        label=gettext_lazy("Buyer"),
        max_length=entry.MAX_NAME,
        required=False,
        help_text=gettext_lazy("The company that owes the invoice."),
        widget=forms.TextInput(attrs={"list": "known-buyers", "autocomplete": "off"}),
    )
    email = forms.CharField(
        label=gettext_lazy("Buyer's email"),
        max_length=entry.MAX_EMAIL,
        required=False,
        help_text=gettext_lazy("Accounts payable of your buyer. Leave it empty to use the address that we know."),
        widget=forms.EmailInput,
    )
    issued = forms.DateField(label=gettext_lazy("Invoice date"), required=False, widget=DATE)
    due = forms.DateField(label=gettext_lazy("Due date"), required=False, widget=DATE)
    currency = forms.ChoiceField(label=gettext_lazy("Currency"))
    amount = AmountField(label=gettext_lazy("Amount, with tax"), required=False)
    tax = AmountOrZero(label=gettext_lazy("Sales tax in it"), required=False)
    paid = AmountOrZero(label=gettext_lazy("Already paid"), required=False)
    purchase_order = forms.CharField(
        label=gettext_lazy("Buyer's purchase order"),
        max_length=entry.MAX_ORDER,
        required=False,
        help_text=gettext_lazy("Its number."),
    )
    description = forms.CharField(
        label=gettext_lazy("What you delivered"),
        max_length=entry.MAX_DESCRIPTION,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Your buyer reads this when they confirm the invoice."),
    )
    is_another = forms.BooleanField(label=gettext_lazy("This is a different invoice"), required=False)

    def __init__(self, *args: Any, supplier: Supplier, currencies: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self._known = buyers.by_name(supplier=supplier)
        self.fields["currency"].choices = [(code, code) for code in currencies]  # type: ignore[attr-defined]
        for name in ("amount", "tax", "paid"):
            self.fields[name].currencies = currencies  # type: ignore[attr-defined]
        for name in NEEDED:
            self.fields[name].is_conditional = True  # type: ignore[attr-defined]  # a draft may lack it
        if not self.data.get("is_another"):
            del self.fields["is_another"]

    @property
    def known_buyers(self) -> list[str]:
        """Names to choose from, of the supplier's own buyers."""
        names = {buyer.full_name or buyer.name for buyer in self._known.values()}
        return sorted(names, key=str.casefold)[:MAX_SUGGESTED]

    def ask_whether_it_is_another(self) -> None:
        """Show the tick that says so."""
        self.fields["is_another"] = forms.BooleanField(label=_("This is a different invoice"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, at_most in (
            ("number", entry.MAX_NUMBER),
            ("buyer", entry.MAX_NAME),
            ("purchase_order", entry.MAX_ORDER),
        ):
            self._read(name, lambda text, at_most=at_most: values.text_of(text, at_most=at_most))
        if cleaned.get("email"):
            self._read("email", values.email_of)
        return cleaned

    def to_entry(self) -> Entry:
        """What was entered, of a valid form."""
        data = self.cleaned_data
        known = self._known.get(normalized_name(data["buyer"]))
        return Entry(
            number=data["number"],
            buyer_name=data["buyer"],
            buyer_email=data["email"] or (known.email if known else ""),
            issued=data["issued"],
            due=data["due"],
            amount=data["amount"],
            tax=data["tax"] or ZERO,
            currency=data["currency"],
            purchase_order=data["purchase_order"],
            description=data["description"].strip(),
            paid=data["paid"] or ZERO,
        )

    def add_problems(self, problems: dict[str, str]) -> None:
        """Say what is wrong beside the fields."""
        for name, text in problems.items():
            self.add_error(FIELD_OF.get(name, name), text)

    def _read(self, name: str, read: Any) -> None:
        if name in self.cleaned_data:
            try:
                self.cleaned_data[name] = read(self.cleaned_data[name])
            except values.Unreadable as error:
                self.add_error(name, str(error))


def new_initial(*, currency: str) -> dict[str, Any]:
    """The empty form: its key makes a form that is sent twice one invoice."""
    return {"key": uuid.uuid4(), "currency": currency}


def initial_of(invoice: Invoice) -> dict[str, Any]:
    """The form filled with an invoice by hand."""
    lines = invoice.items if isinstance(invoice.items, list) else []
    amount, balance = invoice.invoice_amount, invoice.balance
    return {
        "key": uuid.UUID(invoice.qbk_invoice_id),
        "number": invoice.invoice_no,
        "buyer": invoice.company_name,
        "email": invoice.buyer_email,
        "issued": invoice.txn_date,
        "due": invoice.payable_date,
        "currency": invoice.currency,
        "amount": amount,
        "tax": invoice.tax_amount or None,
        "paid": (amount - balance or None) if amount is not None and balance is not None else None,
        "purchase_order": invoice.purchase_order_no,
        "description": lines[0].get("Description", "") if lines else "",
    }
