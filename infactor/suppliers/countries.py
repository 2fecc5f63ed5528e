"""The countries that forms offer, and the currencies that an account can have."""

import functools

from babel import Locale

from infactor.core.currencies import CURRENCIES

# CLDR's two-letter codes that are not countries: groups of countries, pseudo-locales, unknown.
_NOT_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}


@functools.cache
def countries() -> dict[str, str]:
    """Names of countries by ISO 3166 code, sorted by name."""
    names = {
        code: name
        for code, name in Locale("en").territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES
    }
    return dict(sorted(names.items(), key=lambda item: item[1]))


def currencies() -> frozenset[str]:
    """Every currency that money can be in today."""
    return frozenset(CURRENCIES)
