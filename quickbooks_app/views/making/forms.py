"""The forms of what a supplier makes, in a supplier's words. Lengths are those that QuickBooks takes."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_name
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from infactor.core.form_fields import AMOUNT_PATTERN, AmountField, DayInput
from infactor.suppliers.countries import countries
from quickbooks_app.making import drafts
from quickbooks_app.making.choices import Choices, TaxModel
from quickbooks_app.making.drafts import TAXED, UNTAXED, BuyerDraft, InvoiceDraft, LineDraft, PaymentDraft

MAX_LINES, LINES_SHOWN, LINES_ADDED = 60, 3, 5
ITEMS_LIST = "items-of-the-company"
_NO_AUTOCOMPLETE = {"autocomplete": "off"}
_CURRENCIES = ("USD", "CAD", "EUR", "GBP", "AUD", "NZD", "CHF", "JPY", "MXN", "INR", "SEK")


class NumberField(forms.DecimalField):
    """A quantity or a price: QuickBooks keeps ten digits before the point and five after it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_digits=15,
            decimal_places=5,
            required=False,
            widget=forms.TextInput(attrs={"inputmode": "decimal", **_NO_AUTOCOMPLETE}),
            error_messages={"invalid": gettext_lazy("Enter a number, such as 12.5.")},
            **kwargs,
        )

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        number = "".join(str(value).split())
        if not AMOUNT_PATTERN.fullmatch(number):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(number.replace(",", ""))


class DayField(forms.DateField):
    """A day, picked or typed as 2026-11-30."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            widget=DayInput(),
            input_formats=["%Y-%m-%d"],
            error_messages={"invalid": gettext_lazy("Enter a date such as 2026-11-30.")},
            **kwargs,
        )


def one_line(**kwargs: Any) -> forms.CharField:
    """An optional text of one line."""
    return forms.CharField(required=False, **kwargs)


class BuyerForm(forms.Form):
    """A new buyer: a customer in QuickBooks."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=drafts.MAX_NAME,
        help_text=gettext_lazy("As you want to see it in QuickBooks’ list of customers."),
    )
    company = one_line(
        label=gettext_lazy("Company name"),
        max_length=drafts.MAX_PERSON,
        help_text=gettext_lazy("If the buyer is a business."),
    )
    given_name = one_line(label=gettext_lazy("Contact’s first name"), max_length=drafts.MAX_PERSON)
    family_name = one_line(label=gettext_lazy("Contact’s last name"), max_length=drafts.MAX_PERSON)
    email = forms.EmailField(
        label="Email",
        max_length=drafts.MAX_EMAIL,
        required=False,
        help_text=gettext_lazy("Where we ask the buyer to confirm invoices."),
    )
    phone = one_line(label=gettext_lazy("Phone"), max_length=drafts.MAX_PHONE)
    street = one_line(label=gettext_lazy("Street and number"), max_length=drafts.MAX_STREET)
    city = one_line(label=gettext_lazy("City"), max_length=drafts.MAX_PLACE)
    region = one_line(label=gettext_lazy("State or region"), max_length=drafts.MAX_PLACE)
    postal_code = one_line(label=gettext_lazy("Postal code"), max_length=drafts.MAX_POSTAL_CODE)
    country = forms.ChoiceField(
        label=gettext_lazy("Country"), required=False, choices=lambda: [("", _("Choose…")), *countries().items()]
    )
    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"), help_text=gettext_lazy("It cannot be changed once the buyer has invoices.")
    )

    def __init__(self, *args: Any, choices: Choices, home_currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if choices.has_several_currencies:
            codes = dict.fromkeys([home_currency, *_CURRENCIES])
            named = [(code, f"{code}, {get_currency_name(code, locale=get_language() or 'en')}") for code in codes]
            self.fields["currency"].choices = named  # type: ignore[attr-defined]
        else:
            del self.fields["currency"]

    def draft(self) -> BuyerDraft:
        """What was entered."""
        data = dict(self.cleaned_data)
        if data["country"]:
            data["country"] = countries("en")[data["country"]]  # as the books have it, whoever writes
        return BuyerDraft(**data)


class InvoiceForm(forms.Form):
    """An invoice without its lines."""

    number = one_line(
        label=gettext_lazy("Invoice number"),
        max_length=drafts.MAX_NUMBER,
        widget=forms.TextInput(attrs=_NO_AUTOCOMPLETE),
    )
    issued = DayField(label=gettext_lazy("Invoice date"))
    term = forms.ChoiceField(label=gettext_lazy("Terms"), required=False)
    due = DayField(
        label=gettext_lazy("Due date"), required=False, help_text=gettext_lazy("Leave empty to have it from the terms.")
    )
    tax_code = forms.ChoiceField(
        label=gettext_lazy("Sales tax"), required=False, help_text=gettext_lazy("For the lines that are taxed.")
    )
    email = forms.EmailField(label=gettext_lazy("Buyer’s email"), max_length=drafts.MAX_EMAIL, required=False)
    message = one_line(
        label=gettext_lazy("Message on the invoice"),
        max_length=drafts.MAX_MESSAGE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["term"].choices = [("", _("As QuickBooks has it for the buyer")), *choices.terms]  # type: ignore[attr-defined]
        if choices.tax is TaxModel.MANUAL:
            self.fields["tax_code"].choices = [("", _("None")), *choices.tax_codes]  # type: ignore[attr-defined]
            self.fields["tax_code"].initial = choices.default_tax_code
        else:
            del self.fields["tax_code"]
        if not choices.needs_number:
            self.fields["number"].help_text = _("Leave empty, and QuickBooks gives the next one.")
        else:
            self.fields["number"].required = True

    def draft(self, *, customer: str, currency: str, lines: Sequence[LineDraft]) -> InvoiceDraft:
        """What was entered."""
        return InvoiceDraft(customer=customer, currency=currency, lines=lines, **self.cleaned_data)


class LineForm(forms.Form):
    """A line of an invoice. One that is empty is left out."""

    line_id = one_line(max_length=20, widget=forms.HiddenInput)
    item = one_line(
        label=gettext_lazy("Item"),
        max_length=400,
        widget=forms.TextInput(attrs={"list": ITEMS_LIST, **_NO_AUTOCOMPLETE}),
    )
    description = one_line(label=gettext_lazy("Description"), max_length=drafts.MAX_DESCRIPTION)
    quantity = NumberField(
        label=gettext_lazy("Quantity"),
        validators=[MinValueValidator(Decimal("0.00001")), MaxValueValidator(10**9)],
    )
    price = NumberField(label=gettext_lazy("Price"), validators=[MinValueValidator(0), MaxValueValidator(10**9)])
    tax = forms.ChoiceField(label=gettext_lazy("Tax"), required=False)

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choices = choices
        if choices.is_taxed_by_item:
            taxed = [("", _("As the item is")), (TAXED, _("Taxed")), (UNTAXED, _("Not taxed"))]
            self.fields["tax"].choices = taxed  # type: ignore[attr-defined]
        elif choices.tax is TaxModel.BY_LINE and choices.tax_codes:
            self.fields["tax"].choices = [("", _("None")), *choices.tax_codes]  # type: ignore[attr-defined]
        else:
            del self.fields["tax"]
        for field in self.fields.values():
            field.is_conditional = True  # type: ignore[attr-defined]  # the page says what may be left empty

    @property
    def is_empty(self) -> bool:
        """Whether nothing was entered."""
        return not any(self.cleaned_data.get(name) for name in ("item", "description", "quantity", "price"))

    def clean(self) -> dict[str, Any]:
        """Refuse an item that is not one of the company's, and a line without a price."""
        data: dict[str, Any] = super().clean() or {}
        if self.errors or self.is_empty:
            return data
        found = self.choices.item_named(data["item"]) if data["item"] else None
        if found is None:
            self.add_error("item", _("Choose one of the items in your QuickBooks, by its name."))
            return data
        if data["price"] is None and found.price is None:
            self.add_error("price", _("Enter a price: the item has none of its own."))
        data["found"] = found
        return data

    def draft(self) -> LineDraft:
        """What was entered."""
        data = self.cleaned_data
        tax = data.get("tax", "")
        if self.choices.is_taxed_by_item and not tax:
            tax = TAXED if data["found"].is_taxable else UNTAXED
        return LineDraft(
            item=data["found"].id,
            quantity=Decimal(1) if data["quantity"] is None else data["quantity"],
            price=data["found"].price if data["price"] is None else data["price"],
            description=data["description"],
            tax=tax,
            line_id=data["line_id"],
        )


class LineFormSet(forms.BaseFormSet):
    """The lines of an invoice."""

    def drafts(self) -> list[LineDraft]:
        """The lines that were entered."""
        return [form.draft() for form in self.forms if not form.is_empty]


_LINES: Any = forms.formset_factory(
    LineForm, formset=LineFormSet, extra=LINES_SHOWN, max_num=MAX_LINES, absolute_max=MAX_LINES, validate_max=True
)


def line_forms(
    data: QueryDict | None, *, initial: Sequence[dict[str, Any]], extra: int, choices: Choices
) -> LineFormSet:
    """The lines of an invoice: what was posted, or first values with `extra` empty lines after them."""
    made: LineFormSet = _LINES(data, prefix="lines", initial=initial, form_kwargs={"choices": choices})
    made.extra = min(extra, MAX_LINES - len(initial))
    return made


class PaymentForm(forms.Form):
    """What a buyer paid."""

    amount = AmountField(label=gettext_lazy("Amount"))
    paid = DayField(label=gettext_lazy("Date of the payment"))
    reference = one_line(
        label=gettext_lazy("Reference"),
        max_length=drafts.MAX_REFERENCE,
        help_text=gettext_lazy("Such as the number of a check or a transfer."),
    )
    note = one_line(
        label=gettext_lazy("Note"),
        max_length=drafts.MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("For yourself."),
    )

    def draft(self, *, customer: str, currency: str, invoice: str) -> PaymentDraft:
        """What was entered."""
        return PaymentDraft(customer=customer, currency=currency, invoice=invoice, **self.cleaned_data)


class SearchForm(forms.Form):
    """Looks for a buyer, or for an open invoice."""

    q = forms.CharField(max_length=200, required=False, widget=forms.TextInput(attrs={"type": "search"}))

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].label = label
