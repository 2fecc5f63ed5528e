"""Attachments up and down: multipart uploads, and downloads through an address that is good for a while."""

from collections.abc import Iterator
from sqlite3 import Connection
from urllib.parse import quote

import msgspec
from flask import Blueprint, Response, g, request

from quickbooks_app.sandbox.accounting import attachments
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.api.bodies import malformed_body
from quickbooks_app.sandbox.api.decoration import decorated
from quickbooks_app.sandbox.api.gate import blueprint, success_response, too_large
from quickbooks_app.sandbox.api.links import file_address, is_good
from quickbooks_app.sandbox.api.write_requests import answer_once
from quickbooks_app.sandbox.formats.multipart import Part, TooLarge, read_parts
from quickbooks_app.sandbox.formats.xml_bodies import read_xml
from quickbooks_app.sandbox.running import sandbox
from quickbooks_app.sandbox.runtime.documents import Document, decode, encode
from quickbooks_app.sandbox.runtime.envelopes import closing_time, error_document
from quickbooks_app.sandbox.runtime.errors import BusinessFault, object_not_found, parameter_missing

MAX_UPLOAD_BYTES = 100 * 1024 * 1024

files_blueprint = Blueprint("files", __name__, url_prefix="/attachments")


@blueprint.post("/upload")
def upload(realm: str) -> Response:
    """Attach each file of a multipart body. The answer is 200 with an Attachable or a fault for each."""
    request.max_content_length = MAX_UPLOAD_BYTES
    if (request.content_length or 0) > MAX_UPLOAD_BYTES:
        return too_large()
    try:
        pairs = _pairs(read_parts(request.stream, content_type=request.content_type or "", max_bytes=MAX_UPLOAD_BYTES))
    except TooLarge:
        return too_large()
    except ValueError as error:
        raise malformed_body(str(error)) from None

    def work(connection: Connection) -> bytes:
        books = Books(connection, realm=realm, at=g.at, concealment=sandbox().concealment())
        done = [_attached(books, metadata, content) for metadata, content in pairs]
        return encode({"AttachableResponse": done})[:-1] + closing_time(g.at)

    request_id = request.args.get("requestid") or request.headers.get("Request-Id") or ""
    return success_response(answer_once(sandbox(), realm=realm, request_id=request_id, work=work))


@blueprint.get("/download/<id>")
def download(realm: str, id: str) -> Response:
    """Return the temporary address of a file as plain text."""
    books = Books(sandbox().store.connection(), realm=realm, at=g.at)
    if attachments.find_file(books, id) is None:
        raise object_not_found()
    return Response(file_address(realm, id, at=g.at), content_type="text/plain;charset=utf-8")


@files_blueprint.get("/<realm>/<id>")
def file(realm: str, id: str) -> Response:
    """Return a file to whoever has its temporary address, without a token."""
    at, given = sandbox().clock(), request.args
    if not is_good(realm, id, expires=given.get("expires", ""), signature=given.get("signature", ""), at=at):
        return Response("<Error><Code>AccessDenied</Code></Error>", status=403, content_type="application/xml")
    found = attachments.find_file(Books(sandbox().store.connection(), realm=realm, at=at), id)
    if found is None:
        return Response("<Error><Code>NoSuchKey</Code></Error>", status=404, content_type="application/xml")
    document, content = found
    response = Response(content, content_type=str(document["ContentType"]))
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(document['FileName'])}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _pairs(parts: Iterator[Part]) -> list[tuple[Document, bytes | None]]:
    """Return metadata and content of each file: parts belong together by the end of their names."""
    metadata: dict[str, Document] = {}
    contents: dict[str, Part] = {}
    for part in parts:
        kind, _, number = part.name.rpartition("_")
        if kind == "file_metadata":
            metadata[number] = _metadata(part)
        elif kind == "file_content":
            contents[number] = part
    if not metadata and not contents:
        raise parameter_missing("file_content_01")
    pairs: list[tuple[Document, bytes | None]] = []
    for number in sorted({*metadata, *contents}):
        part_of_file = contents.get(number)
        told = dict(metadata.get(number, {}))
        if part_of_file is not None:
            if part_of_file.filename:
                told.setdefault("FileName", part_of_file.filename)
            if part_of_file.content_type:
                told.setdefault("ContentType", part_of_file.content_type)
        pairs.append((told, part_of_file.content if part_of_file else None))
    return pairs


def _metadata(part: Part) -> Document:
    if part.content.lstrip()[:1] == b"<":
        return read_xml(part.content.strip())[1]
    try:
        found = decode(part.content)
    except msgspec.DecodeError as error:
        raise ValueError(f"{part.name}: {error}") from None
    if not isinstance(found, dict):
        raise ValueError(f"{part.name}: an object is expected")
    return found


def _attached(books: Books, metadata: Document, content: bytes | None) -> Document:
    try:
        if content is None:
            raise parameter_missing("file_content")
        made = attachments.attach_file(books, metadata=metadata, content=content)
    except BusinessFault as fault:
        return {"Fault": error_document(fault)}
    return {"Attachable": decorated(books.realm, "Attachable", made, includes=frozenset(), at=books.at)}
