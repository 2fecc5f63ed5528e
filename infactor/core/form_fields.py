"""Form field for an amount as people type or paste it, with currency sign and thousands separators: $4,100.00."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_symbol
from django import forms
from django.core.validators import MinValueValidator

CENT = Decimal("0.01")
MAX_DIGITS = 15
# Thousands separators everywhere or nowhere. 5,00 may mean five or five hundred, so it is invalid.
AMOUNT_PATTERN = re.compile(r"-?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]*)?|\.[0-9]+")
ERROR_MESSAGES = {
    "invalid": "Enter an amount, for example 1,250.00.",
    "min_value": "Enter an amount above zero.",
    "max_digits": "Enter a smaller amount.",
    "max_whole_digits": "Enter a smaller amount.",
    "max_decimal_places": "Enter an amount with at most two decimals.",
}


class AmountField(forms.DecimalField):
    """An amount above zero with at most two decimals. The sign or code of any of `currencies` may stand beside it."""

    def __init__(self, *, error_messages: dict[str, str] | None = None, **kwargs: Any) -> None:
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
        if not AMOUNT_PATTERN.fullmatch(number):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(number.replace(",", ""))
