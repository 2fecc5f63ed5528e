"""Who may only read sees no button that ends in a refusal: every page of a supplier, walked as a reader."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from infactor.suppliers.models import Membership
from infactor.verification import requests as verification
from quickbooks_app.models import Connection
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.factories.suppliers import CompanyFileFactory, MembershipFactory
from tests.support.reader_pages import READERS_POST
from tests.support.scenarios.lifecycle import Lifecycle

pytestmark = pytest.mark.django_db

# Pages of one's own account and of nobody's, and files that QuickBooks hands out, which is not there.
NOT_WALKED = ("/accounts/", "/help/", "/static/", "/admin/", "/quickbook/invoices/")
OWN_ACCOUNT = ("account_", "mfa_", "usersessions_")
MAX_PAGES = 150


class Controls(HTMLParser):
    """The links of a page, and every address that a form or a button on it posts to."""

    def __init__(self, page: str, address: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.posts: set[str] = set()
        self.address = address
        self.posts_here = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a" and given.get("href"):
            self.links.add(str(given["href"]))
        if tag == "form":
            self.posts_here = given.get("method") == "post"
            if self.posts_here:
                self.posts.add(urljoin(self.address, given.get("action") or self.address))
        for name in ("formaction", "hx-post"):
            if given.get(name):
                self.posts.add(urljoin(self.address, str(given[name])))


def pages(client: Client, seeds: list[str]) -> Iterator[tuple[str, Controls]]:
    """Every page that links lead to from `seeds`, by its path; of a list's filters and orders, the first alone."""
    waiting, seen = list(seeds), set()
    while waiting:
        address = waiting.pop(0)
        path = urlsplit(address).path
        kind = re.sub(r"[0-9a-f-]{36}|\d+", "*", path) if address not in seeds else address
        if kind in seen or path.startswith(NOT_WALKED):
            continue
        seen.add(kind)
        assert len(seen) < MAX_PAGES
        answer = client.get(address, follow=True)
        assert answer.status_code == 200, f"a reader is led to {address}, which answers {answer.status_code}"
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        found = Controls(answer.content.decode(), address)
        yield address, found
        waiting += [urldefrag(urljoin(address, link))[0] for link in sorted(found.links) if _is_ours(link)]


def _is_ours(link: str) -> bool:
    return not urlsplit(link).scheme and not urlsplit(link).netloc


def refused(address: str) -> bool:
    """Whether a reader's post to `address` is refused."""
    try:
        name = resolve(urlsplit(address).path).view_name
    except Resolver404:
        return True
    return name not in READERS_POST and not name.startswith(OWN_ACCOUNT)


def test_a_reader_meets_no_button_that_ends_in_a_refusal(lifecycle: Lifecycle) -> None:
    scenario = lifecycle.scenario
    reader = MembershipFactory(supplier=scenario.supplier, role=Membership.Role.READER).user
    connected = ConnectionFactory(supplier=scenario.supplier, company_file=scenario.books)
    ended = ConnectionFactory(
        supplier=scenario.supplier,
        company_file=CompanyFileFactory(supplier=scenario.supplier),
        status=Connection.Status.NEEDS_ATTENTION,
        status_reason="Intuit refused.",
    )
    verification.draft(invoice=lifecycle.todo, by=scenario.owner, at=scenario.now)
    client = Client()
    client.force_login(reader)
    advances = [lifecycle.accepted, lifecycle.funded, lifecycle.late, lifecycle.collected, lifecycle.settled]
    invoices = [lifecycle.todo, lifecycle.not_now, lifecycle.ready[0], *(one.invoice for one in advances)]
    amount = f"{reverse('dashboard:financing_request_new')}?amount=500&currency=USD"
    seeds = [
        reverse("dashboard:home"),
        amount,
        *(reverse("dashboard:invoice", args=[one.public_id]) for one in invoices),
        *(reverse("dashboard:offer", args=[one.public_id]) for one in (lifecycle.offer, lifecycle.expired)),
        reverse("dashboard:financing_request", args=[lifecycle.request.public_id]),
        *(reverse(f"dashboard:{name}") for name in ("invoice_new", "invoice_upload", "documents", "leave", "data")),
        reverse("dashboard:verification_approve", args=[lifecycle.todo.public_id]),
        reverse("dashboard:invoice_documents", args=[lifecycle.todo.public_id]),
        f"{reverse('quickbooks:reconnect')}?connection={ended.public_id}",
        *(reverse(f"quickbooks:{name}", args=[connected.public_id]) for name in ("made", "writes", "bookkeeping")),
    ]
    faults, walked = [], []
    for address, found in pages(client, seeds):
        walked.append(address)
        faults += [f"{address} posts to {one}" for one in sorted(found.posts) if refused(one)]
    assert faults == []
    assert len(walked) > 30
    assert "Ask an owner" in client.get(amount).content.decode()
