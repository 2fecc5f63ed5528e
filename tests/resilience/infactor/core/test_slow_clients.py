"""Slow and half-sent requests stop nobody else: nginx with the documented file in front of one web process."""

import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
import zstandard
from django.db import connection as database
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from infactor.dashboard.models import PreparedExport
from infactor.suppliers.models import Membership
from quickbooks_app.models import WebhookEvent
from tests.support.factories.integrations import of_settings
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.factories.suppliers import MembershipFactory
from tests.support.fakes.signed_webhooks import cloud, cloud_event, signature
from tests.support.processes.folders import temporary_folder
from tests.support.processes.production_site import COOKIE, HOST, ProductionSite
from tests.support.processes.programs import need

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 60  # seconds; no assertion here is about speed
LONG = 20_000_000  # bytes; sockets hold some megabytes of what nobody reads


@pytest.fixture(scope="module")
def processes(django_db_setup: None) -> Iterator[ProductionSite]:
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


@pytest.fixture
def site(processes: ProductionSite, settings: Settings) -> ProductionSite:
    """The site; this test makes cookies and rows with its keys."""
    for name, value in processes.secrets.items():
        setattr(settings, name, [value] if name == "FIELD_ENCRYPTION_KEYS" else value)
    return processes


def half_a_head(site: ProductionSite) -> ssl.SSLSocket:
    connected = site.connect()
    connected.sendall(f"GET / HTTP/1.1\r\nHost: {HOST}\r\nUser-Agent: ".encode())
    return connected


def one_byte_of_a_webhook(site: ProductionSite) -> ssl.SSLSocket:
    connected = site.connect()
    connected.sendall(f"POST /quickbook/webhook HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 100000\r\n\r\n[".encode())
    return connected


def reader_that_stops(site: ProductionSite, path: str, *, cookie: str) -> ssl.SSLSocket:
    """Somebody who asks for a file, reads the first line, and keeps the rest waiting."""
    connected = site.connect()
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connected.sendall(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nCookie: {COOKIE}={cookie}\r\n\r\n".encode())
    assert connected.recv(15) == b"HTTP/1.1 200 OK"
    return connected


def half_a_form(site: ProductionSite, *, cookie: str = "") -> ssl.SSLSocket:
    connected = site.connect()
    head = f"POST /bank/ HTTP/1.1\r\nHost: {HOST}\r\nCookie: {COOKIE}={cookie}\r\nContent-Length: 100\r\n\r\n"
    connected.sendall(f"{head}holder=".encode())
    return connected


def long_file(membership: Membership) -> str:
    """The path of a prepared file."""
    export = PreparedExport.objects.create(
        supplier=membership.supplier,
        user=membership.user,
        asked_at=timezone.now(),
        finished_at=timezone.now(),
        state=PreparedExport.State.READY,
        rows=1,
        content=zstandard.ZstdCompressor().compress(b"x" * LONG),
    )
    return f"/exports/{export.public_id}.csv"


def signed_in_cookie(membership: Membership) -> str:
    client = Client()
    client.force_login(membership.user)
    return next(iter(client.cookies.values())).value


def test_slow_senders_and_readers_stop_neither_probes_nor_webhooks_nor_pages(site: ProductionSite) -> None:
    books = ConnectionFactory(integration=of_settings("production"))
    body = cloud(cloud_event(books.realm_id, "1"))
    signed = {
        "Content-Type": "application/json",
        "intuit-signature": signature(body, site.secrets["QUICKBOOKS_WEBHOOK_VERIFIER"]),
    }
    members = [MembershipFactory() for _ in range(5)]
    with ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(one_byte_of_a_webhook(site))
        for _ in range(40):
            stack.enter_context(half_a_head(site))
        for member in members:
            stack.enter_context(reader_that_stops(site, long_file(member), cookie=signed_in_cookie(member)))
        assert [site.get("/healthz", timeout=PATIENCE) for _ in range(5)] == [200] * 5
        assert site.post("/quickbook/webhook", body, headers=signed, timeout=PATIENCE) == 200
        assert site.get("/privacy", timeout=PATIENCE) == 200
    assert WebhookEvent.objects.filter(connection=books).count() == 1


def test_one_address_has_only_so_many_requests_under_way_and_webhooks_are_not_counted(site: ProductionSite) -> None:
    with ExitStack() as stack:
        for _ in range(24):
            stack.enter_context(half_a_form(site))
        assert site.get("/privacy", timeout=PATIENCE) == 429
        assert site.get("/healthz", timeout=PATIENCE) == 200
        assert site.post("/quickbook/webhook", b"[]", headers={"intuit-signature": "forged"}, timeout=PATIENCE) == 401


def test_one_session_has_only_so_many_requests_under_way(site: ProductionSite) -> None:
    with ExitStack() as stack:
        for _ in range(6):
            stack.enter_context(half_a_form(site, cookie="hers"))
        assert site.get("/privacy", timeout=PATIENCE, headers={"Cookie": f"theme=x; {COOKIE}=hers"}) == 429
        assert site.get("/privacy", timeout=PATIENCE, headers={"Cookie": f"theme=x; {COOKIE}=his"}) == 200


def test_a_visitor_who_forges_forwarded_addresses_is_counted_as_one(site: ProductionSite) -> None:
    codes = [site.get(f"/buyer/guess{n}/", headers={"X-Forwarded-For": f"198.51.100.{n}"}) for n in range(62)]
    assert codes.count(404) == 60
    assert codes[60:] == [429, 429]
