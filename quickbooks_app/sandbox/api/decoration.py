"""What an answer adds to a stored object, or leaves out: temporary addresses, and what `include` asks for."""

from collections.abc import Sequence
from datetime import datetime

from quickbooks_app.sandbox.accounting.custom_fields import CARRIERS, without_enhanced
from quickbooks_app.sandbox.api.links import file_address, invoice_link
from quickbooks_app.sandbox.runtime.documents import Document, decode, encode

ENHANCED_FIELDS = "enhancedallcustomfields"

# What the body of an object with fields of the premium API holds.
_ENHANCED_MARK = '"DefinitionId":"1000'


def decorated(realm: str, entity: str, document: Document, *, includes: frozenset[str], at: datetime) -> Document:
    """Return the object as an answer holds it."""
    if entity == "Attachable" and "FileAccessUri" in document:
        return {**document, "TempDownloadUri": file_address(realm, document["Id"], at=at)}
    if entity == "Invoice" and "invoicelink" in includes and (link := invoice_link(realm, document)):
        document = {**document, "InvoiceLink": link}
    if entity in CARRIERS and ENHANCED_FIELDS not in includes:
        return without_enhanced(document)
    return document


def decorated_bodies(
    realm: str, entity: str, bodies: Sequence[str], *, includes: frozenset[str], at: datetime
) -> list[str]:
    """The same for stored bodies, which are decoded only if that changes them."""
    if entity != "Attachable" and not includes and not any(_ENHANCED_MARK in body for body in bodies):
        return list(bodies)
    found = (decorated(realm, entity, decode(body), includes=includes, at=at) for body in bodies)
    return [encode(document).decode() for document in found]
