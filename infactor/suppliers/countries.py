"""Countries as forms offer them, and currencies that an account can be in."""

import functools

from babel import Locale
from babel.numbers import list_currencies

# Codes of CLDR that are no country: groups of countries, a made-up accent, a made-up direction, unknown.
_NO_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}


@functools.cache
def countries() -> dict[str, str]:
    """Names by ISO 3166 code, in the order of their names."""
    names = {
        code: name
        for code, name in Locale("en").territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES
    }
    return dict(sorted(names.items(), key=lambda item: item[1]))


@functools.cache
def currencies() -> frozenset[str]:
    """Every ISO 4217 code, those of the past among them."""
    return frozenset(list_currencies())
