"""Forms, fields and widgets that several financing pages of staff share."""

from collections.abc import Sequence
from typing import cast

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import ForeignKeyRawIdWidget
from django.db.models import ManyToOneRel, Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.forms import MIN_REASON_LENGTH
from infactor.core.currencies import validate_currency
from infactor.core.form_fields import DayInput
from infactor.core.translatable import Text
from infactor.financing.models import Override
from infactor.invoices.models import Buyer

MAX_REASON_LENGTH = 300
MAX_KEY_DIGITS = 18


class ValueDateForm(forms.Form):
    """Asks for the day on which the money moved."""

    value_date = forms.DateField(
        label=gettext_lazy("Value date"),
        widget=DayInput(),
        help_text=gettext_lazy("The bank's value date."),
    )


def with_netting(form_class: type[forms.Form], *, nets: bool) -> type[forms.Form]:
    """`form_class` with the choice whether what the supplier owes is deducted; `nets`: whether the terms say so."""
    field = forms.BooleanField(
        required=False,
        initial=nets,
        label=_("Deduct what the supplier owes infactor"),
        help_text=_("Chosen already where the terms allow it."),
    )
    return type(form_class.__name__, (form_class,), {"nets": field})


class SupplierReasonForm(forms.Form):
    """Asks for a reason that the supplier reads, too."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=MIN_REASON_LENGTH,
        max_length=MAX_REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The supplier reads it on its page or in an email. The audit log keeps it."),
    )


class ValueDateAndReasonForm(ValueDateForm, SupplierReasonForm):
    """Asks for the day and the reason."""

    field_order: Sequence[str] = ("value_date", "reason")


class CurrencyField(forms.CharField):
    """The code of a currency of today, in capitals or not."""

    def __init__(self) -> None:
        super().__init__(
            max_length=3, validators=[validate_currency], help_text=gettext_lazy("Three letters, like USD.")
        )

    def to_python(self, value: object) -> str:
        return str(super().to_python(value) or "").upper()


class RawIdSearchWidget(ForeignKeyRawIdWidget):
    """A key with a search in a window of its own: lists of suppliers and buyers grow too long for a drop-down."""

    class Media:
        js = (
            "admin/js/vendor/jquery/jquery.min.js",
            "admin/js/jquery.init.js",
            "admin/js/admin/RelatedObjectLookups.js",
        )

    def __init__(self, model: type[Model], field_name: str) -> None:
        super().__init__(cast("ManyToOneRel", model._meta.get_field(field_name).remote_field), admin.site)


def buyer_field(help_text: Text) -> forms.ModelChoiceField:
    """A customer in a supplier's books, to be searched for."""
    rows = Buyer.objects.select_related("supplier")
    return forms.ModelChoiceField(
        rows, required=False, widget=RawIdSearchWidget(Override, "buyer"), help_text=help_text
    )


def reason_field() -> forms.CharField:
    """The reason in one line, for the audit log."""
    return forms.CharField(min_length=MIN_REASON_LENGTH, max_length=200)


def parse_key(text: str) -> int:
    """The key of a row in an address; 0, which no row has, for any text that is no key."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MAX_KEY_DIGITS else 0
