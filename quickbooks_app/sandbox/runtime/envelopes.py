"""Formats of responses and faults: JSON, or XML for clients that do not ask for JSON."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.documents import Document, encode
from quickbooks_app.sandbox.runtime.errors import BusinessFault, GatewayFault

NAMESPACE = "http://schema.intuit.com/finance/v3"

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
# These stand as attributes in XML and as ordinary keys in JSON.
_ATTRIBUTES = frozenset({"domain", "sparse", "status", "startPosition", "maxResults", "totalCount", "bId"})
_ATTRIBUTES_OF = {
    "Fault": _ATTRIBUTES | {"type"},
    "Error": _ATTRIBUTES | {"code", "element"},
    "Row": frozenset({"type", "group"}),
    "ColData": frozenset({"value", "id"}),
}

# Bodies that are no QuickBooks answer at all: a maintenance page, and the gateway's own words.
MAINTENANCE_PAGE = (
    "<!DOCTYPE html><html><head><title>We'll be right back</title></head>"
    "<body><h1>We're doing some maintenance</h1><p>Please try again in a little while.</p></body></html>"
)
TOO_LARGE_PAGE = (
    '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN"><html><head><title>413 Request Entity Too Large</title></head>'
    "<body><h1>Request Entity Too Large</h1><p>The amount of data provided in the request exceeds the capacity limit."
    "</p></body></html>"
)
TIMEOUT_BODY = "upstream request timeout"
BAD_GATEWAY_PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
UNAVAILABLE_BODY = "upstream connect error or disconnect/reset before headers. reset reason: connection termination"


# What the gateway answers in place of the service, by the fault that is switched on: body, status and type.
INTERRUPTIONS = {
    "unavailable": (UNAVAILABLE_BODY, 503, "text/plain"),
    "bad_gateway": (BAD_GATEWAY_PAGE, 502, "text/html"),
    "gateway_timeout": (TIMEOUT_BODY, 504, "text/plain"),
    "html": (MAINTENANCE_PAGE, 200, "text/html"),
}


def join_stored_bodies(*, before: bytes, key: str, bodies: Iterable[str], after: bytes) -> bytes:
    """Join stored JSON bodies into a response without decoding them."""
    return b"".join((before, encode(key), b":[", ",".join(bodies).encode(), b"]", after))


def closing_time(at: datetime) -> bytes:
    """Return the `time` property that ends every JSON response, with the closing brace."""
    return b',"time":' + encode(clock.format_response_time(at)) + b"}"


def error_document(fault: BusinessFault) -> Document:
    """Return what stands under `Fault`."""
    error: Document = {"Message": fault.message, "Detail": fault.detail, "code": fault.code}
    if fault.element:
        error["element"] = fault.element
    return {"Error": [error], "type": fault.type}


def business_fault_json(fault: BusinessFault, *, at: datetime) -> bytes:
    return encode({"Fault": error_document(fault), "time": clock.format_response_time(at)})


def gateway_fault_json(fault: GatewayFault, *, at: datetime) -> bytes:
    error = {"message": fault.message, "detail": fault.detail, "code": fault.code, "element": None}
    return encode(
        {
            "warnings": None,
            "intuitObject": None,
            "fault": {"error": [error], "type": fault.type},
            "report": None,
            "queryResponse": None,
            "batchItemResponse": [],
            "attachableResponse": [],
            "syncErrorResponse": None,
            "requestId": None,
            "time": int(at.timestamp() * 1000),
            "status": None,
            "cdcresponse": [],
        }
    )


def fault_xml(fault: BusinessFault | GatewayFault, *, at: datetime) -> bytes:
    element = getattr(fault, "element", "")
    attributes = f" code={quoteattr(fault.code)}" + (f" element={quoteattr(element)}" if element else "")
    detail = f"<Detail>{escape(fault.detail)}</Detail>" if fault.detail else ""
    inner = (
        f"<Fault type={quoteattr(fault.type)}><Error{attributes}>"
        f"<Message>{escape(fault.message)}</Message>{detail}</Error></Fault>"
    )
    return _response_xml(inner, at=at)


def response_xml(answer: Document, *, at: datetime) -> bytes:
    """Convert a JSON response to XML: references and flags become attributes, lists become repeated elements."""
    if "Columns" in answer and "Rows" in answer:
        # As recorded: a report is its own root.
        return f"{_DECLARATION}{_element('Report', answer, namespace=NAMESPACE)}".encode()
    inner = "".join(_element(key, value) for key, value in answer.items() if key != "time")
    return _response_xml(inner, at=at)


def _response_xml(inner: str, *, at: datetime) -> bytes:
    return (
        f'{_DECLARATION}<IntuitResponse time="{clock.format_response_time(at)}" xmlns="{NAMESPACE}">'
        f"{inner}</IntuitResponse>"
    ).encode()


def _element(name: str, value: object, *, namespace: str = "") -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "".join(_element(name, one) for one in value)
    if isinstance(value, dict):
        if name == "any" and "declaredType" in value:
            # JSON shows Java's wrapping of an element; XML has the element itself.
            return _element(str(value["name"]).rpartition("}")[2], value.get("value"))
        known = _ATTRIBUTES_OF.get(name, _ATTRIBUTES)
        attributes = f' xmlns="{namespace}"' if namespace else ""
        attributes += "".join(f" {key}={quoteattr(_text(value[key]))}" for key in value if key in known)
        if name == "ColData":
            return f"<{name}{attributes}/>"
        if "value" in value and set(value) <= {"value", "name", "type"}:
            attributes += "".join(f" {key}={quoteattr(_text(value[key]))}" for key in ("type", "name") if key in value)
            return f"<{name}{attributes}>{escape(_text(value['value']))}</{name}>"
        children = "".join(_element(key, one) for key, one in value.items() if key not in known)
        return f"<{name}{attributes}>{children}</{name}>"
    return f"<{name}>{escape(_text(value))}</{name}>"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


# What an edition can hold, as QuickBooks numbers it, and the first edition that has it.
_ENTITLEMENTS = (
    (1, "Sales Forms", "Simple Start"),
    (2, "Expense Tracking", "Simple Start"),
    (3, "Accounts Payable", "Essentials"),
    (4, "Estimates", "Simple Start"),
    (5, "Multicurrency", "Essentials"),
    (6, "Time Tracking", "Essentials"),
    (7, "Recurring Transactions", "Essentials"),
    (8, "Purchase Orders", "Plus"),
    (9, "Inventory", "Plus"),
    (10, "Class Tracking", "Plus"),
    (11, "Location Tracking", "Plus"),
    (12, "Budgeting", "Plus"),
    (13, "Custom Fields", "Advanced"),
)
_EDITIONS = ("Simple Start", "Essentials", "Plus", "Advanced")
_MAX_USERS = {"Simple Start": 1, "Essentials": 3, "Plus": 5, "Advanced": 25}


def entitlements_xml(*, plan: str) -> bytes:
    """Return the entitlements of a plan such as "QuickBooks Online Plus"."""
    edition = next((one for one in _EDITIONS if plan.endswith(one)), "Plus")
    rows = "".join(
        f'<Entitlement id="{number}"><name>{escape(name)}</name>'
        f"<term>{'On' if _EDITIONS.index(first) <= _EDITIONS.index(edition) else 'Off'}</term></Entitlement>"
        for number, name, first in _ENTITLEMENTS
    )
    return (
        f"{_DECLARATION}<EntitlementsResponse><QboCompany>true</QboCompany>"
        f"<PlanName>{escape(plan)}</PlanName><MaxUsers>{_MAX_USERS[edition]}</MaxUsers>"
        f"<CurrentUsers>1</CurrentUsers>{rows}</EntitlementsResponse>"
    ).encode()
