"""PDF files that only show pages: without scripts, programs to start, and files within them.

What a reader of PDF would find is found by a scan, in time that grows with the file only. Objects may hide in packed
streams, which are unpacked, and names may be escaped, which is undone.
"""

import re
import zlib
from collections.abc import Iterator

from django.utils.translation import gettext as _

from infactor.documents.inspection.refusal import RefusedFile

MAX_INFLATED = 50_000_000  # bytes of all packed objects of one file
_LONGEST_DESCRIPTION = 4_000  # bytes before a stream that may describe it
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData)(?![A-Za-z0-9])")
# Long enough to be no accident within a picture.
_ACTIVE_ANYWHERE = re.compile(rb"/(?:JavaScript|EmbeddedFiles?|RichMedia)(?![A-Za-z0-9])")
_ENCRYPTED = re.compile(rb"/Encrypt(?![A-Za-z0-9])")


def check(data: bytes) -> None:
    """Raises RefusedFile for a file that is cut off, protected by a password, or does anything by itself."""
    if b"%%EOF" not in data[-2048:]:
        raise RefusedFile(_("This PDF is not complete. Send it again, or save it anew."))
    objects = _plain(b" ".join(_objects(data)))
    if _ENCRYPTED.search(objects):
        raise RefusedFile(
            _("This PDF is protected by a password. Save it without one (print it to PDF), then try again.")
        )
    if _ACTIVE.search(objects) or _ACTIVE_ANYWHERE.search(data):
        raise RefusedFile(
            _("This PDF holds a script, a form that sends itself, or another file. Print it to PDF, then try again.")
        )


def _objects(data: bytes) -> Iterator[bytes]:
    """What is written between the streams, and within those that hold objects."""
    left, after = MAX_INFLATED, 0
    while (start := data.find(b"stream", after)) >= 0:
        yield data[after:start]
        begin = start + len(b"stream")
        begin += 2 if data[begin : begin + 2] == b"\r\n" else 1
        end = data.find(b"endstream", begin)
        if end < 0:
            after = begin
            continue
        description = data[max(after, start - _LONGEST_DESCRIPTION) : start]
        description = _plain(description[description.rfind(b" obj") + 1 :])
        if b"/ObjStm" in description:
            content = _unpacked(data[begin:end], left) if b"/FlateDecode" in description else data[begin:end]
            left -= len(content)
            yield content
        after = end + len(b"endstream")
    yield data[after:]


def _unpacked(packed: bytes, limit: int) -> bytes:
    unpack = zlib.decompressobj()
    try:
        content = unpack.decompress(packed, max(limit, 1))
    except zlib.error as error:
        raise RefusedFile(_("This PDF cannot be read. Save it anew, then try again.")) from error
    if unpack.unconsumed_tail:
        raise RefusedFile(_("This PDF unpacks to far more than it says. Save it anew, then try again."))
    return content


def _plain(part: bytes) -> bytes:
    """Names as a reader understands them: /J#53 is /JS."""
    return _ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), part)
