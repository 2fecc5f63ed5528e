"""Forms of the supplier's application: company, owners, agreement."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.form_fields import DayInput
from infactor.suppliers.applications import MAX_OWNERS, REQUIRED_FIELDS, CompanyDetails, OwnerDetails
from infactor.suppliers.countries import countries
from infactor.suppliers.models import AgreementText, Application

OWNERS_PREFIX = "owners"
MIN_SHARE = Decimal("0.01")
SHARE_ERROR = gettext_lazy("Enter a number of at most 100, with two decimals at most.")
DIGIT_ERROR_CODES = ("max_digits", "max_decimal_places", "max_whole_digits")


def _date_input() -> forms.DateInput:
    return DayInput()


class CompanyForm(forms.Form):
    """The company. A draft may be incomplete; a submitted application must not."""

    use_required_attribute = False

    legal_name = forms.CharField(
        label=gettext_lazy("Legal name"), max_length=200, help_text=gettext_lazy("As registered.")
    )
    trading_name = forms.CharField(
        label=gettext_lazy("Trading name"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("If it differs from the legal name."),
    )
    registration_number = forms.CharField(label=gettext_lazy("Registration number"), max_length=60, required=False)
    tax_id = forms.CharField(
        label=gettext_lazy("Tax number"), max_length=60, help_text=gettext_lazy("In the United States, the EIN.")
    )
    business_since = forms.DateField(label=gettext_lazy("In business since"), required=False, widget=_date_input())
    phone = forms.CharField(
        label=gettext_lazy("Phone"), max_length=40, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"})
    )
    website = forms.URLField(label=gettext_lazy("Website"), required=False, assume_scheme="https")
    address_line1 = forms.CharField(
        label=gettext_lazy("Address"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "address-line1"})
    )
    address_line2 = forms.CharField(
        label=gettext_lazy("Address, second line"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "address-line2"}),
    )
    city = forms.CharField(
        label=gettext_lazy("City"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "address-level2"})
    )
    region = forms.CharField(
        label=gettext_lazy("State or region"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "address-level1"}),
    )
    postal_code = forms.CharField(
        label=gettext_lazy("Postal code"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
    )
    country = forms.ChoiceField(
        label=gettext_lazy("Country"), choices=lambda: [("", _("Choose…")), *countries().items()]
    )
    about = forms.CharField(
        label=gettext_lazy("What you sell, and to whom"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, draft: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if draft:
            for name in REQUIRED_FIELDS:
                self.fields[name].required = False

    def to_company(self) -> CompanyDetails:
        """The cleaned data."""
        return CompanyDetails(**self.cleaned_data)


class OwnerForm(forms.Form):
    """One owner. An empty row is ignored."""

    use_required_attribute = False

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    share = forms.DecimalField(
        label=gettext_lazy("Share in percent"),
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(MIN_SHARE), MaxValueValidator(100)],
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        localize=True,  # a comma or a point, as the reader writes decimals
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value", *DIGIT_ERROR_CODES), SHARE_ERROR),
    )
    role = forms.CharField(label=gettext_lazy("Role"), max_length=100, required=False)
    email = forms.EmailField(label=gettext_lazy("Email address"))
    date_of_birth = forms.DateField(label=gettext_lazy("Date of birth"), required=False, widget=_date_input())

    def to_owner_details(self) -> OwnerDetails | None:
        """The cleaned data; None for an empty row."""
        if not self.cleaned_data.get("name"):
            return None
        return OwnerDetails(**{name: self.cleaned_data[name] for name in self.base_fields})


class BaseOwnerFormSet(forms.BaseFormSet):
    """The owners. A row that is marked for deletion is ignored, even if it is invalid."""

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        form.empty_permitted = True
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = _("Remove this owner")

    def to_owner_details(self) -> list[OwnerDetails]:
        """The named owners that are not marked for deletion."""
        deleted = self.deleted_forms
        rows = [form.to_owner_details() for form in self.forms if form not in deleted and form.has_changed()]
        return [owner for owner in rows if owner is not None]


def owner_formset(
    data: QueryDict | None = None, *, initial: Sequence[Mapping[str, Any]] = (), extra: int = 0
) -> BaseOwnerFormSet:
    """The formset: bound to `data`, or a row for each of `initial` and `extra` empty rows."""
    factory: Any = forms.formset_factory(
        OwnerForm,
        formset=BaseOwnerFormSet,
        extra=extra,
        max_num=MAX_OWNERS,
        absolute_max=MAX_OWNERS + 5,
        can_delete=True,
    )
    formset: BaseOwnerFormSet = (
        factory(data, prefix=OWNERS_PREFIX) if data is not None else factory(initial=initial, prefix=OWNERS_PREFIX)
    )
    return formset


class AgreementForm(forms.Form):
    """The checkbox below the agreement, with the version that the page showed."""

    use_required_attribute = False

    version = forms.IntegerField(widget=forms.HiddenInput)
    accepted = forms.BooleanField()

    def __init__(
        self, data: QueryDict | None = None, *, text: AgreementText | None, draft: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(data, initial={"version": text.version if text else None}, **kwargs)
        self.fields["accepted"].label = (
            _("We accept this agreement, version %(version)s") % {"version": text.version}
            if text
            else _("We accept this agreement")
        )
        if draft:
            self.fields["accepted"].required = False


def company_initial(application: Application | None) -> dict[str, Any]:
    """Initial values of the company form."""
    if application is None:
        return asdict(CompanyDetails())
    return {part.name: getattr(application, part.name) for part in fields(CompanyDetails)}


def owners_initial(application: Application | None) -> list[dict[str, Any]]:
    """Initial values of the owner rows."""
    if application is None:
        return []
    return [
        {"name": one.name, "share": one.share, "role": one.role, "email": one.email, "date_of_birth": one.date_of_birth}
        for one in application.owners.all()
    ]


def submitted_values(data: QueryDict) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The submitted company and owners, unvalidated, without the rows marked for deletion."""
    company = {name: data.get(name, "") for name in CompanyForm.base_fields}
    total_forms = data.get(f"{OWNERS_PREFIX}-TOTAL_FORMS", "")
    count = min(int(total_forms), MAX_OWNERS) if total_forms.isdecimal() and len(total_forms) < 4 else 0
    rows = [
        {name: data.get(f"{OWNERS_PREFIX}-{row}-{name}", "") for name in OwnerForm.base_fields}
        for row in range(count)
        if not data.get(f"{OWNERS_PREFIX}-{row}-DELETE")
    ]
    return company, rows
