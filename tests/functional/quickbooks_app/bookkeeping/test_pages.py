"""An owner chooses accounts with a preview and turns it on; staff see each entry and decide about those that failed."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from infactor.financing.models import Payout
from infactor.users.models import User
from quickbooks_app.bookkeeping import comparison, entries
from quickbooks_app.models import BookkeepingEntry, BookkeepingSettings, Connection, RateLimitState
from quickbooks_app.sandbox.runtime.faults import Fault
from tests.functional.quickbooks_app.bookkeeping.conftest import BANK, Books
from tests.support.admin_client import confirm, visible_text
from tests.support.factories.suppliers import MembershipFactory

pytestmark = pytest.mark.django_db
REASON = "As the supplier asked."
CHOSEN = {"start_on": "2026-10-01", "bank": BANK, "advances": "", "due": "", "fees": "", "vendor": ""}


def address(books: Books, what: str = "") -> str:
    return f"/quickbook/{books.connection.public_id}/bookkeeping{what}"


def shown(client: Client, books: Books, **query: str) -> str:
    RateLimitState.objects.update(next_call_at=None)  # the page knows today, the books of this test another day
    answer = client.get(address(books), query)
    assert answer.status_code == 200
    return visible_text(answer)  # type: ignore[arg-type]


@pytest.fixture
def owner(client: Client, books: Books) -> Client:
    """Signed in as the owner, with the bookkeeping off as at first."""
    BookkeepingSettings.objects.all().delete()
    client.force_login(books.scenario.owner)
    return client


def test_an_owner_previews_what_is_written_and_turns_it_on_and_off(owner: Client, books: Books) -> None:
    books.fund()
    page = shown(owner, books)
    assert "Off. infactor can book each advance" in page
    assert "$8,500.00" in page, "the example"
    preview = shown(owner, books, **CHOSEN)
    assert "Advance paid Invoice" in preview
    assert "Checking $8,500.00 infactor advances $8,500.00 Deposit" in preview
    assert not BookkeepingEntry.objects.exists(), "a preview writes nothing"
    assert owner.post(address(books, "/on"), CHOSEN).status_code == 302
    assert books.settings.turned_on_by == books.scenario.owner
    RateLimitState.objects.update(next_call_at=None)
    books.work()
    written = shown(owner, books)
    assert "On since" in written
    assert books.entry("advance").key in written
    owner.post(address(books, "/off"))
    assert not books.settings.is_on


def test_a_preview_leaves_out_what_is_in_another_currency_than_the_accounts(owner: Client, books: Books) -> None:
    books.fund()
    Payout.objects.update(currency="EUR")
    preview = shown(owner, books, **CHOSEN)
    assert "Advance paid Invoice" not in preview, "it is entered by hand"
    assert "Nothing has happened since the start date that is not in your books." in preview


def test_an_account_that_infactor_created_is_found_again_when_it_is_chosen_anew(owner: Client, books: Books) -> None:
    owner.post(address(books, "/on"), CHOSEN)
    assert "infactor is creating it" in shown(owner, books)
    entries.request_due(connection_id=books.connection.pk, at=books.company.clock())
    assert "infactor is creating it" not in shown(owner, books)
    entries.request_due(connection_id=books.connection.pk, at=books.company.clock())
    assert not books.settings.accounts.filter(qbk_id="").exists()


def test_what_cannot_be_is_said_where_it_was_chosen(owner: Client, books: Books) -> None:
    RateLimitState.objects.update(next_call_at=None)
    page = visible_text(owner.post(address(books, "/on"), {**CHOSEN, "advances": "999", "bank": ""}))  # type: ignore[arg-type]
    assert "Please check what you entered" in page
    assert not BookkeepingSettings.objects.exists()
    Connection.objects.update(writes_allowed_at=None)
    assert "Allow it first" in shown(owner, books)
    owner.post(address(books, "/on"), CHOSEN)
    assert not BookkeepingSettings.objects.exists()


def test_without_quickbooks_the_page_says_so(owner: Client, books: Books) -> None:
    cache.clear()
    books.company.faults.switch_on(Fault(kind="server_error", remaining=None))
    assert "does not say which accounts there are" in shown(owner, books)


def test_a_member_sees_it_and_another_supplier_finds_nothing(client: Client, books: Books) -> None:
    client.force_login(MembershipFactory(supplier=books.scenario.supplier, role="finance").user)
    assert "Only an owner" in shown(client, books)
    assert [client.post(address(books, one), CHOSEN).status_code for one in ("/on", "/off")] == [403, 403]
    client.force_login(MembershipFactory().user)
    assert client.get(address(books)).status_code == 404
    assert [client.post(address(books, one), CHOSEN).status_code for one in ("/on", "/off")] == [404, 404]
    assert books.settings.is_on


def test_supplier_and_staff_see_what_differs_and_why(client: Client, books: Books, staff: User) -> None:
    books.fund()
    books.company.faults.switch_on(Fault(kind="period_closed", remaining=1, target="writes"))
    books.work()
    found = comparison.compare(connection_id=books.connection.pk, now=books.company.clock)
    assert found is not None
    client.force_login(books.scenario.owner)
    page = shown(client, books)
    assert "Could not be written: Advance paid" in page
    assert "The books are closed for 2026-11-02" in page
    client.force_login(staff)
    admin = client.get(f"/admin/quickbooks_app/bookkeepingcomparison/{found.pk}/change/")
    assert "8,500.00 Could not be written" in visible_text(admin)  # type: ignore[arg-type]
    assert "Bookkeeping to look at" in visible_text(client.get("/admin/"))  # type: ignore[arg-type]


def test_staff_decide_on_the_page_of_an_entry(client: Client, books: Books, staff: User) -> None:
    books.fund()
    books.company.faults.switch_on(Fault(kind="period_closed", remaining=1, target="writes"))
    books.work()
    entry = books.entry("advance")
    client.force_login(staff)
    page = f"/admin/quickbooks_app/bookkeepingentry/{entry.pk}"
    listed: Any = client.get("/admin/quickbooks_app/bookkeepingentry/", {"stuck": "yes"})
    assert entry.key in visible_text(listed)
    assert (
        f"/admin/quickbooks_app/push/{entry.push_id}/ask_again/"
        not in client.get(f"/admin/quickbooks_app/push/{entry.push_id}/change/").content.decode()
    )
    assert confirm(client, f"{page}/write_again/", reason=REASON).status_code == 302
    books.work()
    assert confirm(client, f"{page}/undo/", reason=REASON, on="2026-11-30").status_code == 302
    books.work()
    assert books.entry("reversal").is_written
    assert books.balances()["advances"] == 0
