"""Preferences and CompanyInfo: one object each, that changes group by group."""

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.sales_forms import WriteRules
from quickbooks_app.sandbox.formats.xml_types import BOOLEANS
from quickbooks_app.sandbox.runtime.documents import Document
from quickbooks_app.sandbox.runtime.errors import business_rule, invalid_value, parameter_missing

# What a company is and not what it prefers: kept, whatever a client sends.
_FIXED = ("Country", "SupportedLanguages", "DefaultTimeZone", "NameValue")


def compose(
    books: Books, *, entity: str, sent: Document, wanted: Document, before: Document | None, rules: WriteRules
) -> Document:
    """Build the complete object: within a group, what is not sent stays as it was.

    Raises BusinessFault 2080 for a flag that is none, and 6000 for what cannot be undone.
    """
    kept = before or {}
    body = {**kept, **{key: _merged(kept.get(key), value) for key, value in sent.items()}}
    if entity == "CompanyInfo":
        body.update({key: kept[key] for key in _FIXED if key in kept})
        if not str(body.get("CompanyName", "")).strip():
            raise parameter_missing("CompanyName")
        return body
    _check_flags(sent)
    currencies, earlier = body["CurrencyPrefs"], kept["CurrencyPrefs"]
    if currencies["HomeCurrency"] != earlier["HomeCurrency"]:
        raise business_rule("The home currency cannot be changed.")
    if earlier["MultiCurrencyEnabled"] and not currencies["MultiCurrencyEnabled"]:
        raise business_rule("Multicurrency cannot be turned off.")
    return body


def _merged(before: object, sent: object) -> object:
    if isinstance(before, dict) and isinstance(sent, dict):
        return {**before, **{key: _merged(before.get(key), value) for key, value in sent.items()}}
    return sent


def _check_flags(sent: object) -> None:
    if isinstance(sent, list):
        for one in sent:
            _check_flags(one)
    elif isinstance(sent, dict):
        for key, value in sent.items():
            if key in BOOLEANS and not isinstance(value, bool):
                raise invalid_value(element=key, detail=f"Invalid value for {key}")
            _check_flags(value)
