"""Exchange rates: one for each currency and day, without Ids."""

from datetime import date

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.documents import Document, decode, normalized, parse_number
from quickbooks_app.sandbox.runtime.errors import business_rule, invalid_value, parameter_missing

ENTITY = "ExchangeRate"


def read(books: Books, *, currency: str, as_of: str) -> Document:
    """Return the rate of a currency on a day (default: today): the latest one known then, or else 1."""
    home = _require_several_currencies(books)
    if not currency:
        raise parameter_missing("sourcecurrencycode")
    day = _day(as_of) if as_of else clock.company_today(books.at).isoformat()
    row = books.connection.execute(
        "SELECT body FROM objects WHERE realm = ? AND entity = ? AND deleted = 0"
        " AND json_extract(body, '$.SourceCurrencyCode') = ? AND json_extract(body, '$.AsOfDate') <= ?"
        " ORDER BY json_extract(body, '$.AsOfDate') DESC LIMIT 1",
        (books.realm, ENTITY, currency, day),
    ).fetchone()
    if row:
        found: Document = decode(row["body"])
        return found
    return {
        "SourceCurrencyCode": currency,
        "TargetCurrencyCode": home,
        "Rate": 1,
        "AsOfDate": day,
        "domain": "QBO",
        "sparse": False,
        "MetaData": {"LastUpdatedTime": clock.format_timestamp(books.at)},
    }


def save(books: Books, payload: Document) -> Document:
    """Set the rate of a currency on a day. Raises BusinessFault if it is not above 0."""
    home = _require_several_currencies(books)
    rate = parse_number(payload["Rate"])
    if rate <= 0:
        raise invalid_value(element="Rate", detail=f"Invalid Number : {payload['Rate']}")
    code = str(payload["SourceCurrencyCode"])
    day = _day(str(payload.get("AsOfDate") or clock.company_today(books.at).isoformat()))
    body = {
        "SourceCurrencyCode": code,
        "TargetCurrencyCode": home,
        "Rate": normalized(rate),
        "AsOfDate": day,
    }
    id = f"{code}-{day}"
    before = books.find(ENTITY, id)
    if before is None:
        return books.insert(ENTITY, body, id=id)
    return books.update(ENTITY, {**before, **body})


def _require_several_currencies(books: Books) -> str:
    currencies = books.get("Preferences", "1")["CurrencyPrefs"]
    if not currencies.get("MultiCurrencyEnabled"):
        raise business_rule("Multicurrency must be enabled to use exchange rates.")
    return str(currencies["HomeCurrency"]["value"])


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        raise invalid_value(element="AsOfDate", detail=f"Invalid Date : {text}") from None
