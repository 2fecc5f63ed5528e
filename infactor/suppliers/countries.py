"""The countries that forms offer, and the currencies that an account can have."""

import functools
from unicodedata import normalize

from infactor.core import languages
from infactor.core.currencies import CURRENCIES
from infactor.core.money import locale_of

# CLDR's two-letter codes that are not countries: groups of countries, pseudo-locales, unknown.
_NOT_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}


def countries(language: str = "") -> dict[str, str]:
    """Names of countries in `language`, the active one if empty, by ISO 3166 code, sorted by name."""
    return _countries(language or languages.current())


@functools.cache
def _countries(language: str) -> dict[str, str]:
    names = {
        code: name
        for code, name in locale_of(language).territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES
    }
    return dict(sorted(names.items(), key=lambda item: normalize("NFKD", item[1])))


def currencies() -> frozenset[str]:
    """Every currency that money can be in today."""
    return frozenset(CURRENCIES)
