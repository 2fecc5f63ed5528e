"""Files are sent piece by piece, refused above QuickBooks' limit, and fetched from trusted hosts only."""

import io
import json
from email import message_from_bytes
from email.policy import HTTP
from typing import IO, cast

import pytest

from quickbooks_app.api.writes import files
from quickbooks_app.api.writes.files import MAX_BYTES, Attached, MultipartBody, Upload
from quickbooks_app.errors import FileTooLarge, QuickBooksError, Rejected
from tests.support.payloads import fault

INTUIT = "https://quickbooks.api.intuit.com"


class Endless(io.RawIOBase):
    """A file of a size that is not known before it is read."""

    def __init__(self) -> None:
        self.given = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def read(self, size: int = -1) -> bytes:
        self.given += size
        return b"x" * size


class Sparse(io.BytesIO):
    """A file that says how large it is, and must not be read."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.size if whence == 2 else 0

    def read(self, size: int | None = -1) -> bytes:
        raise AssertionError("it is refused before it is read")


def upload(content: IO[bytes], name: str = "proof.pdf") -> Upload:
    linked = [Attached("Invoice", "95", is_sent=True)]
    return Upload(name, "application/pdf", cast("io.BufferedReader", content), linked, "Signed")


def test_a_file_is_sent_with_what_it_is_attached_to() -> None:
    body = MultipartBody(upload(io.BytesIO(b"%PDF-1.4")), boundary="b1")
    sent = b"".join(body)
    assert len(sent) == len(body)
    message = message_from_bytes(b"Content-Type: multipart/form-data; boundary=b1\r\n\r\n" + sent, policy=HTTP)
    metadata, content = message.iter_parts()  # type: ignore[attr-defined]
    assert json.loads(metadata.get_payload(decode=True)) == {
        "FileName": "proof.pdf",
        "ContentType": "application/pdf",
        "Note": "Signed",
        "AttachableRef": [{"EntityRef": {"type": "Invoice", "value": "95"}, "IncludeOnSend": True}],
    }
    assert (content.get_param("name", header="content-disposition"), content.get_content_type()) == (
        "file_content_01",
        "application/pdf",
    )
    assert content.get_payload(decode=True) == b"%PDF-1.4"
    assert b"".join(body) == sent, "a new token does not cost the file"


def test_a_file_of_100_mb_is_refused_before_it_is_read() -> None:
    with pytest.raises(FileTooLarge, match="100 MB"):
        MultipartBody(upload(Sparse(MAX_BYTES)), boundary="b")


def test_a_file_that_turns_out_to_be_too_large_is_refused_while_it_is_sent() -> None:
    endless = Endless()
    pieces = map(len, MultipartBody(upload(endless), boundary="b"))
    with pytest.raises(FileTooLarge):
        sum(pieces)
    assert endless.given <= MAX_BYTES + files.PIECE


def test_a_stream_is_sent_once() -> None:
    body = MultipartBody(upload(Endless()), boundary="b")
    next(iter(body))
    with pytest.raises(Rejected, match="only once"):
        next(iter(body))


@pytest.mark.parametrize("name", ['a"b.pdf', "a\r\nX-Evil: 1.pdf", "a\\b.pdf"])
def test_a_strange_file_name_adds_no_header(name: str) -> None:
    head = next(iter(MultipartBody(upload(io.BytesIO(b"x"), name=name), boundary="b")))
    assert b"\r\nX-Evil" not in head
    assert head.count(b"Content-Disposition") == 2


def test_a_refused_file_has_a_named_error_although_the_answer_is_200() -> None:
    with pytest.raises(QuickBooksError) as refused:
        files.attachable_in(b'{"AttachableResponse":[%s]}' % fault("2500"))
    assert refused.value.code == "2500"


@pytest.mark.parametrize("body", [b"", b"{}", b'{"AttachableResponse":[]}', b'{"AttachableResponse":[{}]}', b"<html>"])
def test_an_answer_without_an_attachable_is_no_answer(body: bytes) -> None:
    with pytest.raises(QuickBooksError) as refused:
        files.attachable_in(body)
    assert refused.value.code == "unreadable"


@pytest.mark.parametrize(
    "address",
    ["https://intuit-qbo-prod-29.s3.amazonaws.com/a?X-Amz-Expires=900", f"{INTUIT}/x", '"https://a.intuit.com/b"\n'],
)
def test_a_file_is_fetched_from_intuit_or_its_store(address: str) -> None:
    assert files.trusted_address(address.encode(), api_base=INTUIT) == address.strip().strip('"')


@pytest.mark.parametrize(
    "address",
    [
        "http://intuit-qbo.s3.amazonaws.com/a",
        "https://amazonaws.com.evil.example/a",
        "https://evilamazonaws.com/a",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "https://user@evil.example/.intuit.com",
        "",
    ],
)
def test_no_other_address_is_fetched(address: str) -> None:
    with pytest.raises(Rejected) as refused:
        files.trusted_address(address.encode(), api_base=INTUIT)
    assert refused.value.code == "untrusted_address"
