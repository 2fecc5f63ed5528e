"""Addresses that QuickBooks gives for a while: those of files, and those under which buyers see an invoice."""

import hashlib
import hmac
from datetime import datetime
from urllib.parse import urlencode

from flask import current_app

from quickbooks_app.sandbox.running import base_url
from quickbooks_app.sandbox.runtime.documents import Document

FILE_SECONDS = 900


def file_address(realm: str, id: str, *, at: datetime) -> str:
    """Return the address of a file that is good for a quarter of an hour, without a token."""
    expires = str(int(at.timestamp()) + FILE_SECONDS)
    signature = _signature("file", realm, id, expires)
    query = {"X-Amz-Expires": FILE_SECONDS, "expires": expires, "signature": signature}
    return f"{base_url()}/attachments/{realm}/{id}?{urlencode(query)}"


def is_good(realm: str, id: str, *, expires: str, signature: str, at: datetime) -> bool:
    """Return whether a file's address was given by `file_address` and is still good."""
    if not hmac.compare_digest(signature.encode(), _signature("file", realm, id, expires).encode()):
        return False
    return int(expires) >= at.timestamp()


def invoice_link(realm: str, invoice: Document) -> str | None:
    """Return the address under which the buyer sees and pays an invoice, or None.

    QuickBooks gives it if the invoice can be paid online and has an email address.
    """
    online = invoice.get("AllowOnlineACHPayment") or invoice.get("AllowOnlineCreditCardPayment")
    if not online or not (invoice.get("BillEmail") or {}).get("Address"):
        return None
    token = _signature("invoice", realm, str(invoice["Id"]))
    return f"https://connect.intuit.com/portal/app/CommerceNetwork/view/scs-v1-{token}?locale=en_US&cta=v3invoicelink"


def _signature(*parts: str) -> str:
    return hmac.new(str(current_app.secret_key).encode(), "/".join(parts).encode(), hashlib.sha256).hexdigest()
