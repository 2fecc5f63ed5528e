"""Bodies of requests: JSON or XML, as they are or compressed."""

import zlib

import msgspec
from flask import request

from quickbooks_app.sandbox.formats.xml_bodies import read_xml
from quickbooks_app.sandbox.runtime.documents import Document, decode
from quickbooks_app.sandbox.runtime.errors import BusinessFault

MAX_BYTES = 10 * 1024 * 1024

# zlib's window bits: gzip with its header, and deflate with zlib's.
_WINDOWS = {"gzip": 31, "deflate": 15}


def read_body(*, root: str) -> Document:
    """Return the object of a request's body, in JSON or in XML with the element `root`.

    Raises BusinessFault 2010 if it is none.
    """
    data = read_bytes()
    is_xml = "xml" in request.mimetype or data.lstrip()[:1] == b"<"
    return _from_xml(data, root=root) if is_xml else _from_json(data)


def _from_json(data: bytes) -> Document:
    try:
        payload = decode(data)
    except msgspec.DecodeError as error:
        raise malformed_body(str(error)) from None
    if not isinstance(payload, dict):
        raise malformed_body("an object is expected")
    return payload


def _from_xml(data: bytes, *, root: str) -> Document:
    try:
        name, payload = read_xml(data)
    except ValueError as error:
        raise malformed_body(str(error)) from None
    if name != root:
        raise malformed_body(f"the element {root} is expected, not {name}")
    return payload


def read_bytes() -> bytes:
    """Return the body, decompressed if the client compressed it."""
    data = request.get_data()
    window = _WINDOWS.get(request.headers.get("Content-Encoding", "").lower())
    if window is None:
        return data
    unpacker = zlib.decompressobj(window)
    try:
        unpacked = unpacker.decompress(data, MAX_BYTES)
    except zlib.error as error:
        raise malformed_body(str(error)) from None
    if unpacker.unconsumed_tail or not unpacker.eof:
        raise malformed_body("the compressed body is too large or has no end")
    return unpacked


def malformed_body(reason: str) -> BusinessFault:
    return BusinessFault(
        code="2010",
        message="Request has invalid or unsupported property",
        detail=f"Property Name:Can not read the request body: {reason}",
    )
