"""One supplier's worst behaviour, for the load benchmark: everything at once, without a pause, from one address."""

import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

from tests.support.processes.production_site import COOKIE, HOST, trusting

HOLDERS = (10, 40, 4)  # webhooks with one byte of their body, half heads, readers that stop
EACH = 4  # threads that do the same thing


def misbehave(port: int, worst: dict[str, str]) -> None:
    """Until killed: slow connections, and in closed loops lists, searches, downloads, files and sync presses."""
    from tests.benchmarks.load import Visitor

    cookie = worst["cookie"]
    token = "a" * 32  # a form's token is compared with that of the cookie, which is the visitor's to set
    signed_in = f"{COOKIE}={cookie}; __Host-csrftoken={token}"
    form = {
        "Cookie": signed_in,
        "X-CSRFToken": token,
        "Referer": f"https://{HOST}/",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    words = (f"/invoices/?q={number}%25" for number in range(10**9))
    acts: list[Callable[[Visitor], int]] = [
        lambda visitor: visitor.ask("/"),
        lambda visitor: visitor.ask("/invoices/?sort=buyer"),
        lambda visitor: visitor.ask(next(words)),
        lambda visitor: visitor.ask("/invoices.csv?status=open"),
        lambda visitor: visitor.ask("/invoices.csv"),
        lambda visitor: visitor.ask("/invoices/export/", body=b"x=1", **form),
        lambda visitor: visitor.ask(f"/quickbook/{worst['connection']}/sync", body=b"x=1", **form),
    ]
    slow = [
        b"POST /quickbook/webhook HTTP/1.1\r\nHost: infactor.example\r\nContent-Length: 100000\r\n\r\n[",
        b"GET / HTTP/1.1\r\nHost: infactor.example\r\nUser-Agent: ",
        f"GET /invoices.csv?status=open HTTP/1.1\r\nHost: {HOST}\r\nCookie: {signed_in}\r\n\r\n".encode(),
    ]
    for count, request in zip(HOLDERS, slow, strict=True):
        for _ in range(count):
            _forever(lambda request=request: _hold(port, request))
    for act in acts:
        for _ in range(EACH):
            visitor = Visitor(port, number=200, cookie=cookie)
            _forever(lambda act=act, visitor=visitor: act(visitor))
    threading.Event().wait()


def prepare_files() -> None:
    """Until killed: write the files that were asked for, as a worker does."""
    import time

    import django

    django.setup()
    from django.utils import timezone

    from infactor.dashboard.invoices import prepared_export

    while True:
        for pk in prepared_export.waiting_ids():
            prepared_export.prepare(pk=pk, now=timezone.now)
        time.sleep(0.2)


def _forever(act: Callable[[], Any]) -> None:
    def run() -> None:
        while True:
            act()

    threading.Thread(target=run, daemon=True).start()


def _hold(port: int, request: bytes) -> None:
    """Send `request`, read nothing, and wait until the server ends it."""
    try:
        plain = socket.create_connection(("127.0.0.1", port), timeout=600, source_address=("127.0.1.200", 0))
        with trusting().wrap_socket(plain) as connected:
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connected.sendall(request)
            connected.recv(1)
            while connected.fileno() >= 0 and not _is_over(connected):
                pass
    except OSError:
        return


def _is_over(connected: ssl.SSLSocket) -> bool:
    """Read a byte in a second, which nobody would call fast."""
    threading.Event().wait(1)
    return connected.recv(1) == b""
