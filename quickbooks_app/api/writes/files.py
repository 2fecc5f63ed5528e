"""Files of attachments: sent piece by piece, refused above QuickBooks' limit, fetched from a trusted host only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple
from urllib.parse import urlsplit

import msgspec
from msgspec import Raw

from quickbooks_app.api import error_responses
from quickbooks_app.api.writes import bodies
from quickbooks_app.errors import FileTooLarge, Rejected, Transient

MAX_BYTES = 100 * 1024 * 1024  # of a whole request
PIECE = 256 * 1024
TRUSTED_HOSTS = (".amazonaws.com", ".intuit.com")
TOO_LARGE = "QuickBooks takes files of up to 100 MB."


class Attached(NamedTuple):
    """What a file is attached to. `is_sent` says whether it goes along when that is sent by email."""

    entity: str
    qbk_id: str
    is_sent: bool = False


@dataclass
class Upload:
    """A file to send. `content` is read once, from its start where it can be sought."""

    file_name: str
    content_type: str
    content: BinaryIO
    attached_to: Sequence[Attached] = ()
    note: str = ""

    def metadata(self) -> bytes:
        """What QuickBooks stores beside the file."""
        note = {"Note": self.note} if self.note else {}
        links = [
            {"EntityRef": {"type": one.entity, "value": one.qbk_id}, "IncludeOnSend": one.is_sent}
            for one in self.attached_to
        ]
        return bodies.encode(
            {"FileName": self.file_name, "ContentType": self.content_type, **note, "AttachableRef": links}
        )

    def size(self) -> int | None:
        """The size in bytes, None if it is not known before it is read."""
        if not self.content.seekable():
            return None
        end = self.content.seek(0, 2)
        self.content.seek(0)
        return end


class MultipartBody:
    """The body of an upload, in pieces. Raises FileTooLarge at once, or while the file turns out to be too large."""

    def __init__(self, upload: Upload, *, boundary: str) -> None:
        self._upload = upload
        self._before = b"".join(
            (
                _part(boundary, "file_metadata_01", "attachment.json", "application/json"),
                upload.metadata(),
                b"\r\n",
                _part(boundary, "file_content_01", upload.file_name, upload.content_type),
            )
        )
        self._after = f"\r\n--{boundary}--\r\n".encode()
        self._is_read = False
        size = upload.size()
        self._size = None if size is None else size + len(self._before) + len(self._after)
        if self._size is not None and self._size > MAX_BYTES:
            raise FileTooLarge(TOO_LARGE)

    def __len__(self) -> int:
        """The size of the whole body; 0 if it is not known, so that it is sent in chunks."""
        return self._size or 0

    def __bool__(self) -> bool:
        return True  # a body of unknown size is one all the same

    def __iter__(self) -> Iterator[bytes]:
        content = self._upload.content
        if content.seekable():
            content.seek(0)
        elif self._is_read:
            raise Rejected("The file can be read only once.", code="file_read")
        self._is_read = True
        left = MAX_BYTES - len(self._before) - len(self._after)
        yield self._before
        while piece := content.read(PIECE):
            left -= len(piece)
            if left < 0:
                raise FileTooLarge(TOO_LARGE)
            yield piece
        yield self._after


class _Answer(msgspec.Struct):
    AttachableResponse: list[dict[str, Raw]]


def attachable_in(body: bytes) -> bytes:
    """The attachable in the answer to an upload. Raises the named error if QuickBooks refused the file."""
    try:
        answer = msgspec.json.decode(body, type=_Answer).AttachableResponse[0]
        if "Fault" in answer:
            raise error_responses.error_of_item(msgspec.json.encode({"Fault": answer["Fault"]}))
        return bytes(answer["Attachable"])
    except (msgspec.DecodeError, IndexError, KeyError) as error:
        raise Transient("QuickBooks' response cannot be read.", code="unreadable") from error


def trusted_address(body: bytes, *, api_base: str) -> str:
    """The temporary address of a file. Raises Rejected if it leads to a host that is neither Intuit's nor its store."""
    address = body.decode("ascii", "replace").strip().strip('"')
    parts, ours = urlsplit(address), urlsplit(api_base)
    is_ours = (parts.scheme, parts.netloc) == (ours.scheme, ours.netloc)
    if not is_ours and not (parts.scheme == "https" and (parts.hostname or "").endswith(TRUSTED_HOSTS)):
        raise Rejected("QuickBooks named an address that infactor does not trust.", code="untrusted_address")
    return address


def _part(boundary: str, name: str, file_name: str, content_type: str) -> bytes:
    quoted = file_name.replace("\\", "_").replace('"', "_").replace("\r", "_").replace("\n", "_")
    clean_type = content_type.replace("\r", "").replace("\n", "")
    return (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{quoted}"\r\n'
        f"Content-Type: {clean_type}\r\n\r\n"
    ).encode()
