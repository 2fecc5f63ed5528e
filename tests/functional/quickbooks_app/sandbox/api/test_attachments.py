"""Attachments up and down: several files in one request, what is refused, and how a file is found and fetched."""

import base64
import io
import json
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from quickbooks_app.sandbox.formats.multipart import TooLarge, read_parts
from quickbooks_app.sandbox.formats.xml_bodies import NAMESPACE
from quickbooks_app.sandbox.runtime.store import Store
from tests.functional.quickbooks_app.sandbox.conftest import REALM, Api, MovableClock
from tests.support.processes.wsgi_server import served

PDF = b"%PDF-1.4\r\n\x00\xff proof of delivery"


def linked_to(entity: str, id: str, **more: Any) -> str:
    ref = {"EntityRef": {"type": entity, "value": id}, "IncludeOnSend": False}
    return json.dumps({"AttachableRef": [ref], **more})


def upload(api: Api, parts: dict[str, Any], params: str = "") -> list[dict[str, Any]]:
    answer = api._open("post", f"/upload{params}", data=parts, content_type="multipart/form-data")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.get_json()["AttachableResponse"]
    return found


@pytest.mark.parametrize("length", ["Content-Length: 2000000", "Transfer-Encoding: chunked"])
@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_an_upload_that_breaks_off_leaves_no_file_open(app: Flask, api: Api, length: str) -> None:
    head = f"POST /v3/company/{REALM}/upload HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {api.token}\r\n"
    body = b"x" * 900_000
    size = b"" if "Length" in length else f"{len(body):x}\r\n".encode()
    before = open_files()
    with served(app) as port:
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(f"{head}{length}\r\n\r\n".encode() + size + body)
            wait_for(lambda: open_files() > before)
        wait_for(lambda: open_files() == before)


def open_files() -> int:
    """How many files without a name, as those that bodies are kept in, this process has open."""
    found = 0
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found += "(deleted)" in str(entry.readlink())
    return found


def wait_for(happens: Callable[[], bool]) -> None:
    for _ in range(500):
        if happens():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen within five seconds")


def fetch(api: Api, address: str) -> TestResponse:
    parts = urlsplit(address)
    return api.client.get(f"{parts.path}?{parts.query}")


def test_a_file_goes_up_is_found_by_its_invoice_and_comes_down_as_it_was(api: Api) -> None:
    invoice = api.invoice()
    metadata = linked_to("Invoice", invoice["Id"], FileName="Proof.pdf", Note="Signed", Category="Document")
    (one,) = upload(
        api,
        {
            "file_metadata_01": (io.BytesIO(metadata.encode()), "m.json", "application/json"),
            "file_content_01": (io.BytesIO(PDF), "ignored.pdf", "application/pdf"),
        },
    )
    made = one["Attachable"]
    assert (made["FileName"], made["Size"], made["ContentType"]) == ("Proof.pdf", len(PDF), "application/pdf")
    assert made["FileAccessUri"] == f"/v3/company/{REALM}/download/{made['Id']}"
    assert made["AttachableRef"][0]["EntityRef"] == {"type": "Invoice", "value": invoice["Id"]}
    found = api.query(
        "select * from Attachable where AttachableRef.EntityRef.Type = 'invoice'"
        f" and AttachableRef.EntityRef.value = '{invoice['Id']}'"
    )["Attachable"]
    assert [attachable["Id"] for attachable in found] == [made["Id"]]
    assert fetch(api, found[0]["TempDownloadUri"]).data == PDF
    address = api.get(f"/download/{made['Id']}")
    assert address.mimetype == "text/plain"
    file = fetch(api, address.text)
    assert (file.data, file.content_type) == (PDF, "application/pdf")
    assert file.headers["Content-Disposition"] == "attachment; filename*=UTF-8''Proof.pdf"


def test_several_files_go_up_together_and_one_bad_one_fails_alone(api: Api) -> None:
    answers = upload(
        api,
        {
            "file_metadata_01": (io.BytesIO(linked_to("Invoice", "999999", FileName="a.pdf").encode()), "m.json"),
            "file_content_01": (io.BytesIO(PDF), "a.pdf", "application/pdf"),
            "file_content_02": (io.BytesIO(b"a,b"), "b.csv", "text/csv"),
            "file_content_03": (io.BytesIO(b"MZ"), "c.exe", "application/octet-stream"),
            "file_metadata_04": (io.BytesIO(b'{"FileName":"d.pdf"}'), "m.json"),
        },
    )
    assert [answer["Fault"]["Error"][0]["code"] if "Fault" in answer else "" for answer in answers] == [
        "2500",
        "",
        "6000",
        "2020",
    ]
    assert answers[1]["Attachable"]["FileName"] == "b.csv"


def test_base64_with_bare_line_feeds_is_decoded_as_python_quickbooks_sends_it(api: Api) -> None:
    boundary = "-------------PythonMultipartPost"
    body = (
        f'\n--{boundary}\nContent-Disposition: form-data; name="file_metadata_01"\nContent-Type: application/json\n\n'
        f"{json.dumps({'FileName': 'x.pdf', 'Id': None, 'Size': None})}\n\n--{boundary}\n"
        'Content-Disposition: form-data; name="file_content_01"\nContent-Type: application/pdf\n'
        f"Content-Transfer-Encoding: base64\n\n{base64.b64encode(PDF).decode()}\n\n--{boundary}--\n"
    )
    answer = api._open("post", "/upload", data=body, content_type=f"multipart/form-data; boundary={boundary}")
    made = answer.get_json()["AttachableResponse"][0]["Attachable"]
    assert fetch(api, made["TempDownloadUri"]).data == PDF


def test_metadata_may_be_xml(api: Api) -> None:
    id = api.invoice()["Id"]
    metadata = (
        f'<ns0:Attachable xmlns:ns0="{NAMESPACE}"><ns0:AttachableRef><ns0:EntityRef type="Invoice">{id}</ns0:EntityRef>'
        "</ns0:AttachableRef><ns0:FileName>scan.jpg</ns0:FileName></ns0:Attachable>"
    )
    (one,) = upload(
        api,
        {
            "file_metadata_0": (io.BytesIO(metadata.encode()), "m.xml", "application/xml"),
            "file_content_0": (io.BytesIO(b"\xff\xd8"), "7374.jpg", "image/jpeg"),
        },
    )
    assert one["Attachable"]["AttachableRef"] == [{"EntityRef": {"value": id, "type": "Invoice"}}]


def test_a_note_needs_no_file_and_an_attachable_changes_and_goes(api: Api, store: Store) -> None:
    id = api.invoice()["Id"]
    note = api.write("Attachable", {**json.loads(linked_to("Invoice", id)), "Note": "Call before delivery"})
    assert "TempDownloadUri" not in note
    changed = api.write("Attachable", {"Id": note["Id"], "SyncToken": "0", "sparse": True, "Note": "Call twice"})
    assert changed["AttachableRef"] == note["AttachableRef"]
    assert api.read("Attachable", note["Id"])["Note"] == "Call twice"
    (file,) = upload(api, {"file_content_01": (io.BytesIO(PDF), "a.pdf", "application/pdf")})
    gone = {"Id": file["Attachable"]["Id"]}  # as recorded, without a SyncToken
    assert api.write("Attachable", gone, "?operation=delete")["status"] == "Deleted"
    assert api.get(f"/download/{gone['Id']}").get_json()["Fault"]["Error"][0]["code"] == "610"
    assert fetch(api, file["Attachable"]["TempDownloadUri"]).status_code == 404
    assert store.connection().execute("SELECT count(*) FROM files").fetchone()[0] == 0
    assert api.refused("/attachable", {**json.loads(linked_to("Invoice", "999999")), "Note": "x"})["code"] == "2500"


def test_a_temporary_address_ends_after_a_quarter_of_an_hour_and_cannot_be_made_up(
    api: Api, clock: MovableClock
) -> None:
    (file,) = upload(api, {"file_content_01": (io.BytesIO(PDF), "a.pdf", "application/pdf")})
    address = file["Attachable"]["TempDownloadUri"]
    assert fetch(api, address.replace("signature=", "signature=0")).status_code == 403
    assert fetch(api, address.partition("?")[0]).status_code == 403
    clock.advance(seconds=901)
    assert fetch(api, address).status_code == 403


def test_a_repeated_upload_with_one_request_id_attaches_once(api: Api) -> None:
    ids = [
        upload(api, {"file_content_01": (io.BytesIO(PDF), "a.pdf", "application/pdf")}, "?requestid=up")[0]
        for _ in (1, 2)
    ]
    assert ids[0]["Attachable"]["Id"] == ids[1]["Attachable"]["Id"]


def test_a_body_over_the_limit_is_refused_while_it_is_read() -> None:
    class Endless(io.BytesIO):
        taken = 0

        def read(self, size: int | None = -1) -> bytes:
            assert size is not None
            self.taken += size
            head = b'--b\r\nContent-Disposition: form-data; name="file_content_01"; filename="a.pdf"\r\n\r\n'
            return head + b"x" * (size - len(head)) if self.taken == size else b"x" * size

    stream, limit = Endless(), 1024 * 1024
    with pytest.raises(TooLarge):
        list(read_parts(stream, content_type="multipart/form-data; boundary=b", max_bytes=limit))
    assert stream.taken <= limit + 64 * 1024


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b"--b--"),
        ("multipart/form-data; boundary=b", b"no parts"),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="file_content_01"\r\n\r\nx'),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="file_metadata_01"\r\n\r\n[1]\r\n--b--\r\n',
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="file_content_01"; filename="a.pdf"\r\n'
            b"Content-Transfer-Encoding: base64\r\n\r\nA\r\n--b--\r\n",
        ),
    ],
)
def test_what_is_no_upload_is_refused(api: Api, content_type: str, body: bytes) -> None:
    answer = api._open("post", "/upload", data=body, content_type=content_type)
    assert answer.status_code == 400
    assert answer.get_json()["Fault"]["Error"][0]["code"] in ("2010", "2020")
