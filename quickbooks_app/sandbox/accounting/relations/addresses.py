"""Addresses as QuickBooks returns them: with an Id and a place on the map."""

from zlib import crc32

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.runtime.documents import Document, encode

_COMPUTED = ("Id", "Lat", "Long")
_KEYS = ("BillAddr", "ShipAddr", "PrimaryAddr", "VendorAddr", "RemitToAddr")


def locate(books: Books, body: Document, *, before: Document | None) -> None:
    """Give each address of an object an Id and a place. One that has not changed keeps them."""
    for key in _KEYS:
        address = body.get(key)
        if not address:
            continue
        known = (before or {}).get(key)
        if known and _plain(known) == _plain(address):
            body[key] = known
        elif known or "Id" not in address or "Lat" not in address:
            body[key] = located(books, address)


def located(books: Books, address: Document) -> Document:
    """Return a new address. Where it lies follows from its text, since no map is asked."""
    plain = _plain(address)
    mark = crc32(encode(plain))
    return {
        "Id": str(books.next_value("Address", first=2)),
        **plain,
        "Lat": f"{30 + mark % 15_000_000 / 1_000_000:.7f}",
        "Long": f"-{80 + mark // 7 % 42_000_000 / 1_000_000:.7f}",
    }


def ship_from(books: Books) -> Document:
    """Return the company's address as the place that goods are sent from: in two lines, without a place on the map."""
    address = books.get("CompanyInfo", "1").get("CompanyAddr", {})
    place = f"{address.get('City', '')}, {address.get('CountrySubDivisionCode', '')}  {address.get('PostalCode', '')}"
    return {"Id": "1", "Line1": address.get("Line1", ""), "Line2": place}


def _plain(address: Document) -> Document:
    return {key: value for key, value in address.items() if key not in _COMPUTED}
