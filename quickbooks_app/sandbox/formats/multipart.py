"""Reads multipart bodies part by part, and stops as soon as they are too large."""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from werkzeug.datastructures import Headers
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Field, File, MultipartDecoder, NeedData

_CHUNK_BYTES = 64 * 1024


class TooLarge(Exception):
    """The body is larger than allowed; the rest of it was not read."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part with its content as the client had it before encoding."""

    name: str
    filename: str
    content_type: str
    content: bytes


def read_parts(stream: IO[bytes], *, content_type: str, max_bytes: int) -> Iterator[Part]:
    """Yield the parts of a body. Raises TooLarge while reading, or ValueError for what is not multipart."""
    kind, options = parse_options_header(content_type)
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise ValueError("multipart/form-data with a boundary is expected")
    decoder = MultipartDecoder(options["boundary"].encode("latin-1"))
    part: Field | File | None = None
    content = bytearray()
    for chunk in _chunks(stream, max_bytes=max_bytes):
        decoder.receive_data(chunk)
        while True:
            event = decoder.next_event()
            if isinstance(event, NeedData):
                break
            if isinstance(event, Field | File):
                part, content = event, bytearray()
            elif isinstance(event, Data):
                content += event.data
                if not event.more_data and part is not None:
                    yield _finished(part, bytes(content))
            elif chunk is None:
                return


def _chunks(stream: IO[bytes], *, max_bytes: int) -> Iterator[bytes | None]:
    """Yield the body in pieces, and None at its end."""
    number = 0
    while chunk := stream.read(_CHUNK_BYTES):
        number += len(chunk)
        if number > max_bytes:
            raise TooLarge
        yield chunk
    yield None


def _finished(part: Field | File, content: bytes) -> Part:
    # Clients that write lines without carriage returns leave an empty line before the next boundary.
    encoding = _header(part.headers, "Content-Transfer-Encoding").lower()
    if encoding == "base64":
        try:
            content = base64.b64decode(content.strip(), validate=False)
        except binascii.Error:
            raise ValueError(f"the part {part.name} is not base64") from None
    return Part(
        name=part.name,
        filename=part.filename if isinstance(part, File) else "",
        content_type=parse_options_header(_header(part.headers, "Content-Type"))[0],
        content=content,
    )


def _header(headers: Headers, name: str) -> str:
    return str(headers.get(name, "")).strip()
