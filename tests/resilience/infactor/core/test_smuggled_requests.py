"""nginx and gunicorn agree where a request ends: nothing that a stranger hides in one is answered as another."""

import os
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.db import connection as database

from tests.support.processes.folders import temporary_folder
from tests.support.processes.production_site import HOST, ProductionSite
from tests.support.processes.programs import need

pytestmark = pytest.mark.django_db(transaction=True)
HIDDEN = b"GET /hidden-request HTTP/1.1\r\nHost: infactor.example\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
ENDED = b"0\r\n\r\n"


@pytest.fixture(scope="module")
def site(django_db_setup: None) -> Iterator[ProductionSite]:
    need("nginx", package="nginx")
    need("redis-server", package="redis-server")
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database.settings_dict['NAME']}").geturl()
    with temporary_folder() as folder:
        site = ProductionSite(folder, database=address)
        try:
            site.start(workers=1)
            yield site
        finally:
            site.close()


def post(*headers: bytes, body: bytes) -> bytes:
    head = b"".join(
        (b"POST /quickbook/webhook HTTP/1.1\r\nHost: ", HOST.encode(), b"\r\n", *headers, b"Connection: close\r\n\r\n")
    )
    return head + body


def answers(connected: socket.socket, request: bytes) -> list[bytes]:
    """The status lines of everything that comes back."""
    with connected:
        connected.sendall(request)
        received = b""
        try:
            while part := connected.recv(65536):
                received += part
        except OSError:  # it was closed before all was read
            pass
    return [line for line in received.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]


AMBIGUOUS = {
    "a length and chunks": post(CHUNKED, b"Content-Length: %d\r\n" % len(ENDED + HIDDEN), body=ENDED + HIDDEN),
    "two lengths": post(b"Content-Length: 0\r\nContent-Length: %d\r\n" % len(HIDDEN), body=HIDDEN),
    "a list of lengths": post(b"Content-Length: 0, %d\r\n" % len(HIDDEN), body=HIDDEN),
    "a length with a sign": post(b"Content-Length: +0\r\n", body=HIDDEN),
    "chunks under another name": post(b"Transfer-Encoding: xchunked\r\n", body=ENDED + HIDDEN),
    "chunks twice": post(CHUNKED * 2, body=ENDED + HIDDEN),
    "chunks after a tab": post(b"Transfer-Encoding:\tchunked\r\nContent-Length: 0\r\n", body=ENDED + HIDDEN),
    "a space before the colon": post(b"Content-Length : %d\r\n" % len(HIDDEN), body=HIDDEN),
    "a chunk of no size": post(CHUNKED, body=b"zz\r\n" + HIDDEN),
    "a folded header": post(b"X: y\r\n Content-Length: 0\r\n", b"Content-Length: 0\r\n", body=HIDDEN),
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_one_request_has_one_answer(site: ProductionSite, name: str) -> None:
    through = answers(site.connect(), AMBIGUOUS[name])
    gunicorn = socket.socket(socket.AF_UNIX)
    gunicorn.settimeout(60)
    gunicorn.connect(str(site.socket_file))
    directly = answers(gunicorn, AMBIGUOUS[name])
    for found in (through, directly):
        assert len(found) <= 1, found
        assert b" 404" not in b"".join(found)  # the status of the hidden request
    log = (site.folder / "processes.log").read_text()
    assert "hidden-request" not in log
