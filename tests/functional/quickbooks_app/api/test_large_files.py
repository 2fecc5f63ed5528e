"""A file of more than 100 MB is refused before it is sent or fetched, on both sides."""

import http.client
import socket
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from quickbooks_app.api.transport import Transport
from quickbooks_app.api.writes.files import MAX_BYTES, Upload
from quickbooks_app.errors import FileTooLarge, ResponseTooLarge
from tests.functional.quickbooks_app.api.conftest import REALM, Used


def test_a_file_over_100_mb_is_neither_read_nor_sent(used: Used, tmp_path: Path) -> None:
    with (tmp_path / "scan.pdf").open("wb+") as content:
        content.truncate(MAX_BYTES)  # what surrounds it is too much
        with pytest.raises(FileTooLarge, match="100 MB"):
            used.client.upload(Upload("scan.pdf", "application/pdf", content), key="scan")
        assert content.tell() == 0
    assert used.calls == []


def test_a_file_that_is_said_to_be_over_100_mb_is_not_fetched() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            asking, _ = server.accept()
            asking.recv(65536)
            asking.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (MAX_BYTES + 1))
            asking.recv(1)  # not a byte of the file is sent: who waits for one waits for ever
            asking.close()

        thread = threading.Thread(target=answer)
        thread.start()
        transport = Transport(token="", minor_version="75", record=lambda call: None)
        with pytest.raises(ResponseTooLarge):
            next(transport.fetch(f"http://127.0.0.1:{server.getsockname()[1]}/file", most=MAX_BYTES))
        thread.join()


def test_an_upload_that_is_said_to_be_over_100_mb_is_refused_before_it_comes(used: Used) -> None:
    address = urlsplit(used.books.base)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=20)
    connection.putrequest("POST", f"/v3/company/{REALM}/upload")
    connection.putheader("Authorization", f"Bearer {used.books.tokens().access}")
    connection.putheader("Content-Type", "multipart/form-data; boundary=b")
    connection.putheader("Content-Length", str(MAX_BYTES + 1))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()
    assert used.books.all("Attachable") == []
