"""The supplier's application as a form: its company, a row for each owner, and whether the agreement is accepted."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict

from infactor.suppliers.applications import MOST_OWNERS, NEEDED, Company, Holder
from infactor.suppliers.countries import countries
from infactor.suppliers.models import AgreementText, Application

PREFIX = "owners"
SMALLEST_SHARE = Decimal("0.01")
SHARE_WRONG = "Enter a number of at most 100, with two decimals at most."
TOO_LONG = ("max_digits", "max_decimal_places", "max_whole_digits")


def _date() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class CompanyForm(forms.Form):
    """What a supplier says of its company. A draft may leave anything out; what is submitted may not."""

    use_required_attribute = False

    legal_name = forms.CharField(max_length=200, help_text="As it is registered.")
    trading_name = forms.CharField(max_length=200, required=False, help_text="If you use another one.")
    registration_number = forms.CharField(max_length=60, required=False)
    tax_id = forms.CharField(label="Tax number", max_length=60, help_text="In the United States, the EIN.")
    business_since = forms.DateField(label="In business since", required=False, widget=_date())
    phone = forms.CharField(max_length=40, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}))
    website = forms.URLField(required=False, assume_scheme="https")
    address_line1 = forms.CharField(
        label="Address", max_length=200, widget=forms.TextInput(attrs={"autocomplete": "address-line1"})
    )
    address_line2 = forms.CharField(
        label="Address, second line",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "address-line2"}),
    )
    city = forms.CharField(max_length=100, widget=forms.TextInput(attrs={"autocomplete": "address-level2"}))
    region = forms.CharField(
        label="State or region",
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "address-level1"}),
    )
    postal_code = forms.CharField(
        max_length=20, required=False, widget=forms.TextInput(attrs={"autocomplete": "postal-code"})
    )
    country = forms.ChoiceField(choices=lambda: [("", "Choose…"), *countries().items()])
    about = forms.CharField(
        label="What you sell, and to whom", max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, draft: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if draft:
            for name in NEEDED:
                self.fields[name].required = False

    def company(self) -> Company:
        """What was understood."""
        return Company(**self.cleaned_data)


class OwnerForm(forms.Form):
    """One owner; a row that is left empty is nobody."""

    use_required_attribute = False

    name = forms.CharField(max_length=200)
    share = forms.DecimalField(
        label="Share in percent",
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(SMALLEST_SHARE), MaxValueValidator(100)],
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value", *TOO_LONG), SHARE_WRONG),
    )
    role = forms.CharField(max_length=100, required=False)
    email = forms.EmailField(label="E-mail address")
    born_on = forms.DateField(label="Date of birth", required=False, widget=_date())

    def holder(self) -> Holder | None:
        """What was understood; None for a row that is empty."""
        if not self.cleaned_data.get("name"):
            return None
        return Holder(**{name: self.cleaned_data[name] for name in self.base_fields})


class OwnerRows(forms.BaseFormSet):
    """The owners. A row that is marked to be removed is left out, whatever it says."""

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        form.empty_permitted = True
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = "Remove this person"

    def holders(self) -> list[Holder]:
        """Those that are named and not marked to be removed."""
        marked = self.deleted_forms
        found = [form.holder() for form in self.forms if form not in marked and form.has_changed()]
        return [holder for holder in found if holder is not None]


def owner_rows(
    data: QueryDict | None = None, *, initial: Sequence[Mapping[str, Any]] = (), extra: int = 0
) -> OwnerRows:
    """A row for each of `initial` and `extra` empty ones, or what was sent."""
    factory: Any = forms.formset_factory(
        OwnerForm, formset=OwnerRows, extra=extra, max_num=MOST_OWNERS, absolute_max=MOST_OWNERS + 5, can_delete=True
    )
    rows: OwnerRows = factory(data, prefix=PREFIX) if data is not None else factory(initial=initial, prefix=PREFIX)
    return rows


class AgreementForm(forms.Form):
    """The box below the agreement, and which version stood above it."""

    use_required_attribute = False

    version = forms.IntegerField(widget=forms.HiddenInput)
    accepted = forms.BooleanField()

    def __init__(
        self, data: QueryDict | None = None, *, text: AgreementText | None, draft: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(data, initial={"version": text.version if text else None}, **kwargs)
        self.fields["accepted"].label = "We accept this agreement" + (f", version {text.version}" if text else "")
        if draft:
            self.fields["accepted"].required = False


def written(application: Application | None) -> dict[str, Any]:
    """What the application says of the company, as the form is filled with it."""
    if application is None:
        return asdict(Company())
    return {part.name: getattr(application, part.name) for part in fields(Company)}


def written_owners(application: Application | None) -> list[dict[str, Any]]:
    """The owners, as the rows are filled with them."""
    if application is None:
        return []
    return [
        {"name": one.name, "share": one.share, "role": one.role, "email": one.email, "born_on": one.born_on}
        for one in application.owners.all()
    ]


def typed(data: QueryDict) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The company and the owners just as they were typed, right or wrong, less the rows that were marked."""
    company = {name: data.get(name, "") for name in CompanyForm.base_fields}
    sent = data.get(f"{PREFIX}-TOTAL_FORMS", "")
    count = min(int(sent), MOST_OWNERS) if sent.isdecimal() and len(sent) < 4 else 0
    rows = [
        {name: data.get(f"{PREFIX}-{row}-{name}", "") for name in OwnerForm.base_fields}
        for row in range(count)
        if not data.get(f"{PREFIX}-{row}-DELETE")
    ]
    return company, rows
