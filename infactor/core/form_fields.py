"""An amount as people type or copy it, with its sign and its thousands apart: $4,100.00."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_symbol
from django import forms
from django.core.validators import MinValueValidator

CENT = Decimal("0.01")
DIGITS = 15
# Thousands are apart everywhere or nowhere: 5,00 might be five and might be five hundred, so it is asked for again.
PLAIN = re.compile(r"-?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]*)?|\.[0-9]+")
ERRORS = {
    "invalid": "Enter an amount, for example 1,250.00.",
    "min_value": "Enter an amount above zero.",
    "max_digits": "Enter a smaller amount.",
    "max_whole_digits": "Enter a smaller amount.",
    "max_decimal_places": "Enter an amount without parts of a cent.",
}


class AmountField(forms.DecimalField):
    """More than nothing, to the cent. `currencies` are those whose sign or code may stand beside the number."""

    def __init__(self, *, error_messages: dict[str, str] | None = None, **kwargs: Any) -> None:
        self.currencies: Iterable[str] = ()
        super().__init__(
            max_digits=DIGITS,
            decimal_places=2,
            validators=[MinValueValidator(CENT)],
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            error_messages=ERRORS | (error_messages or {}),
            **kwargs,
        )

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        bare = "".join(str(value).split())
        for name in (name for code in self.currencies for name in (code, get_currency_symbol(code, locale="en_US"))):
            bare = bare.removeprefix(name).removesuffix(name)
        if not PLAIN.fullmatch(bare):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(bare.replace(",", ""))
