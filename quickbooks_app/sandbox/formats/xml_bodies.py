"""Reads QuickBooks' XML: an object, or a batch, in the form that its JSON has."""

from decimal import Decimal, InvalidOperation
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from quickbooks_app.sandbox.formats.xml_types import BOOLEANS, LISTS, NUMBERS, OBJECTS, VALUES
from quickbooks_app.sandbox.runtime.documents import Document, normalized

NAMESPACE = "http://schema.intuit.com/finance/v3"
BATCH = "IntuitBatchRequest"

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
# Attributes that are ordinary keys in JSON.
_ATTRIBUTES = ("domain", "status", "bId", "operation", "optionsData")


def read_xml(data: bytes) -> tuple[str, Document]:
    """Return the name of the root element and its content. Raises ValueError for what is not QuickBooks' XML.

    Document types and entities are refused, so that a body cannot grow or read files.
    """
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, UnicodeDecodeError, LookupError) as error:
        raise ValueError(f"the XML is malformed: {type(error).__name__}") from None
    if not root.tag.startswith(f"{{{NAMESPACE}}}"):
        raise ValueError(f"the root element is not of {NAMESPACE}")
    return _name(root), _object(root)


def _object(element: Element) -> Document:
    found: Document = {key: element.attrib[key] for key in _ATTRIBUTES if key in element.attrib}
    if "sparse" in element.attrib:
        found["sparse"] = element.attrib["sparse"] == "true"
    for child in element:
        name, value = _name(child), _value(child)
        if name in LISTS:
            found.setdefault(name, []).append(value)
        elif name in found:
            raise ValueError(f"the element {name} is repeated")
        else:
            found[name] = value
    return found


def _value(element: Element) -> Any:
    name, text = _name(element), (element.text or "").strip()
    if element.attrib.get(_NIL) == "true":
        return None
    if len(element):
        return _object(element)
    if name.endswith("Ref") or name in VALUES or "name" in element.attrib or "type" in element.attrib:
        return {"value": text, **{key: element.attrib[key] for key in ("name", "type") if key in element.attrib}}
    if not text and (name in OBJECTS or name.endswith(("Detail", "List", "Prefs"))):
        return {}
    if name in BOOLEANS and text in ("true", "false"):
        return text == "true"
    if name in NUMBERS:
        return _number(text)
    return text


def _number(text: str) -> Any:
    """Return a number, or the text itself, which the books then refuse by the property's name."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return normalized(number) if number.is_finite() else text


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
