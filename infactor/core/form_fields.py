"""Form fields: an amount as people type or paste it ($4,100.00), a day, several files, and a list of ids."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_symbol
from django import forms
from django.core.validators import MinValueValidator
from django.utils.formats import get_format
from django.utils.translation import gettext_lazy as _

from infactor.core.money import format_amount
from infactor.core.translatable import Text

CENT = Decimal("0.01")
MAX_DIGITS = 15
# Thousands separators everywhere or nowhere, as in English (9,800.00) or in most of Europe (9.800,00).
AMOUNT_PATTERN = re.compile(r"-?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]*)?|\.[0-9]+")
EUROPEAN = re.compile(r"-?(?:[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+),[0-9]{1,2}|-?[0-9]{1,3}(?:\.[0-9]{3}){2,}")
# 9.800 is nine thousand eight hundred to some readers and nine point eight to others: the form asks.
AMBIGUOUS = re.compile(r"-?[0-9]{1,3}\.[0-9]{3}")
# So is 9,800 to readers of a language with decimal commas; to others it is nine thousand eight hundred.
AMBIGUOUS_WITH_COMMA = re.compile(r"-?[0-9]{1,3},[0-9]{3}")
ERROR_MESSAGES = {
    "invalid": _("Enter an amount, for example 1,250.00 or 1.250,00."),
    "min_value": _("Enter an amount above zero."),
    "max_digits": _("Enter a smaller amount."),
    "max_whole_digits": _("Enter a smaller amount."),
    "max_decimal_places": _("Enter an amount with at most two decimals."),
}


class FilesInput(forms.FileInput):
    """The browser's own field for several files."""

    allow_multiple_selected = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"multiple": True, **(attrs or {})})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name) if hasattr(files, "getlist") else files.get(name, [])


class FilesField(forms.FileField):
    """Several files, or none: its value is a list of them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=FilesInput(), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        return [super(FilesField, self).clean(one) for one in data or []]


class DayInput(forms.DateInput):
    """The browser's own field for a day. It reads ISO dates only, whatever the language of the page."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class AmountField(forms.DecimalField):
    """An amount above zero with at most two decimals. The sign or code of any of `currencies` may stand beside it."""

    def __init__(self, *, error_messages: dict[str, Text] | None = None, **kwargs: Any) -> None:
        self.currencies: Iterable[str] = ()
        super().__init__(
            max_digits=MAX_DIGITS,
            decimal_places=2,
            validators=[MinValueValidator(CENT)],
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            error_messages=ERROR_MESSAGES | (error_messages or {}),
            **kwargs,
        )

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        number = "".join(str(value).split())
        for name in (name for code in self.currencies for name in (code, get_currency_symbol(code, locale="en_US"))):
            number = number.removeprefix(name).removesuffix(name)
        return super().to_python(self._plain(number))

    def _plain(self, number: str) -> str:
        """`number` with a decimal point and nothing else. Raises ValidationError where it can mean two amounts."""
        has_comma = AMBIGUOUS_WITH_COMMA.fullmatch(number) and get_format("DECIMAL_SEPARATOR") == ","
        if has_comma or AMBIGUOUS.fullmatch(number):
            meant = [Decimal(re.sub("[.,]", "", number))]
            if number.endswith("0"):
                meant.append(Decimal(number.replace(",", ".")))
            shown = [format_amount(one, "") for one in meant]
            raise forms.ValidationError(
                _("%(number)s can mean two amounts. Enter it with two decimals: %(amounts)s.")
                % {"number": number, "amounts": _(" or ").join(shown)},
                code="ambiguous",
            )
        if EUROPEAN.fullmatch(number):
            return number.replace(".", "").replace(",", ".")
        if AMOUNT_PATTERN.fullmatch(number):
            return number.replace(",", "")
        raise forms.ValidationError(self.error_messages["invalid"], code="invalid")


class UUIDListField(forms.TypedMultipleChoiceField):
    """A list of UUIDs. The view's query checks whom they belong to."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=forms.UUIDField().clean, **kwargs)

    def valid_value(self, value: object) -> bool:
        return True
