"""The ledger in admin: authorized staff read it and run the integrity check, and nobody edits it."""

import re
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from infactor.ledger import integrity, posting
from infactor.ledger.models import Account, IntegrityCheck, Transaction
from infactor.users.models import User
from infactor.users.roles import OPERATIONS, READ_ONLY
from tests.support.factories.ledger import AT, DAY, fund
from tests.support.factories.suppliers import SupplierFactory, UserFactory

pytestmark = pytest.mark.django_db
MODELS = ("account", "transaction", "integritycheck")
TRIAL_BALANCE = "/admin/ledger/integritycheck/trial-balance/"
PROVE = "/admin/ledger/integritycheck/run/"


@pytest.fixture
def staff_member(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client


def sign_in(client: Client, role: str) -> Client:
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return client


def create_rows(start: int, count: int, by: User | None = None) -> None:
    for number in range(start, start + count):
        written = fund(owner=f"advance:{number}", supplier_id=SupplierFactory().pk, by=by)
        posting.reverse(transaction=written, value_date=DAY, at=AT, by=by, description="")
        fund(owner=f"advance:{number}", reference=f"advance:{number}:again", amount=Decimal("1234.00"))
        integrity.verify(at=AT)


def words(page: str) -> str:
    """What a person reads on a page."""
    return re.sub(r"<[^>]+>", " ", page)


def page_of(client: Client, address: str, **values: str) -> str:
    response = client.get(address, values)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("model", MODELS)
def test_a_list_takes_the_same_number_of_queries_for_few_rows_and_for_many(
    staff_member: Client, staff: User, model: str
) -> None:
    address = reverse(f"admin:ledger_{model}_changelist")
    create_rows(0, 1, by=staff)
    staff_member.get(address)
    with CaptureQueriesContext(connection) as one:
        staff_member.get(address)
    create_rows(1, 6, by=staff)
    with CaptureQueriesContext(connection) as many:
        page = staff_member.get(address)
    assert page.status_code == 200
    assert len(many) <= len(one)


@pytest.mark.parametrize("model", MODELS)
def test_the_books_can_be_read_but_not_written(staff_member: Client, model: str) -> None:
    create_rows(0, 1)
    row = {"account": Account, "transaction": Transaction, "integritycheck": IntegrityCheck}[model].objects.first()
    assert row is not None
    detail = reverse(f"admin:ledger_{model}_change", args=[row.pk])
    assert 'name="_save"' not in page_of(staff_member, detail)
    assert staff_member.post(detail, {"owner": "changed"}).status_code == 403
    assert staff_member.get(reverse(f"admin:ledger_{model}_add")).status_code == 403
    assert staff_member.post(reverse(f"admin:ledger_{model}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403


def test_an_account_shows_its_balance_and_a_transaction_its_entries(staff_member: Client) -> None:
    create_rows(0, 1)
    listed = page_of(staff_member, reverse("admin:ledger_account_changelist"), q="advance:0")
    assert "Receivable, advance 0, USD" in listed
    assert "$1,234.00" in listed
    assert "$185.10" in listed
    written = Transaction.objects.get(reference="advance:0:again")
    shown = page_of(staff_member, reverse("admin:ledger_transaction_change", args=[written.pk]))
    for amount in ("$1,234.00", "$1,048.90", "$185.10"):
        assert amount in shown
    account = Account.objects.get(owner="advance:0", purpose="receivable")
    statement = page_of(staff_member, reverse("admin:ledger_account_change", args=[account.pk]))
    assert reverse("admin:ledger_transaction_change", args=[written.pk]) in statement
    assert "$1,234.00" in statement.split("Entries, the newest first")[-1]


def test_a_transaction_is_found_by_its_reference(staff_member: Client) -> None:
    create_rows(0, 2)
    found = page_of(staff_member, reverse("admin:ledger_transaction_changelist"), q="advance:1:again")
    assert "advance:1:again" in found
    assert "advance:0:again" not in found


def test_the_trial_balance_leads_from_purposes_to_accounts_to_entries_to_transactions(staff_member: Client) -> None:
    create_rows(0, 1)  # on Nov 20: 10,000 funded, undone, and 1,234 funded
    days = {"start": "2026-11-01", "end": "2026-11-30"}
    page = page_of(staff_member, TRIAL_BALANCE, **days)
    text = words(page).split()
    total = text[text.index("Total") :]
    assert [one for one in total if "$" in one][:6] == [
        "$0.00",
        "$0.00",
        "$21,234.00",
        "$21,234.00",
        "$1,234.00",
        "$1,234.00",
    ]
    accounts = page_of(staff_member, re.search(r'href="([^"]*/receivable/USD/[^"]*)"', page)[1].replace("&amp;", "&"))  # type: ignore[index]
    entries = page_of(staff_member, re.search(r'href="([^"]*/account/[^"]*)"', accounts)[1].replace("&amp;", "&"))  # type: ignore[index]
    assert entries.count("advance:0:funded") == 2
    assert "advance:0:again" in entries
    later = words(page_of(staff_member, TRIAL_BALANCE, start="2026-12-01", end="2026-12-31"))
    assert later.count("$1,234.00") == 6  # opening and closing of the receivable, and of both totals
    assert "Nothing has been posted" in page_of(staff_member, TRIAL_BALANCE, start="2026-10-01", end="2026-10-31")
    assert "This is before the beginning." in page_of(staff_member, TRIAL_BALANCE, start="2026-12-01", end="2026-11-01")
    assert "Enter a valid date" in page_of(staff_member, TRIAL_BALANCE, start="yesterday")


def test_the_trial_balance_is_a_file_and_knows_what_was_posted_by_a_moment(staff_member: Client) -> None:
    create_rows(0, 1)
    days = {"start": "2026-11-01", "end": "2026-11-30"}
    saved = b"".join(staff_member.get(TRIAL_BALANCE, {**days, "format": "csv"})).decode("utf-8-sig").splitlines()  # type: ignore[call-overload]
    assert saved[2] == "1100,Purchased receivables,Asset,USD,0.00,0.00,11234.00,10000.00,1234.00,0.00"
    workbook = staff_member.get(TRIAL_BALANCE, {**days, "format": "xlsx"})
    assert b"".join(workbook)[:2] == b"PK"  # type: ignore[call-overload]
    assert "Nothing has been posted" in page_of(staff_member, TRIAL_BALANCE, **days, known_at="2026-11-01T00:00:00")


def test_operations_prove_the_books_by_a_button_and_see_what_was_found(client: Client) -> None:
    sign_in(client, OPERATIONS)
    listed = page_of(client, reverse("admin:ledger_integritycheck_changelist"))
    assert f'action="{PROVE}"' in listed
    assert f'href="{TRIAL_BALANCE}"' in listed
    page = client.post(PROVE, follow=True).content.decode()
    assert "The ledger is in order: 0 transactions were checked." in page


def test_what_is_wrong_is_shown_in_sentences(staff_member: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integrity, "_registered", {"advances": lambda: ["Advance <b>17</b> differs."]})
    page = staff_member.post(PROVE, follow=True).content.decode()
    assert "The ledger is not in order. The findings are below." in page
    assert "<li><bdi>Advance &lt;b&gt;17&lt;/b&gt; differs.</bdi></li>" in page


def test_readers_see_the_books_but_no_button_and_cannot_prove_them(client: Client) -> None:
    sign_in(client, READ_ONLY)
    listed = page_of(client, reverse("admin:ledger_integritycheck_changelist"))
    assert PROVE not in listed
    assert TRIAL_BALANCE in listed
    assert "Nothing has been posted." in page_of(client, TRIAL_BALANCE)
    assert client.post(PROVE).status_code == 403
    assert not IntegrityCheck.objects.exists()


def test_a_look_at_the_address_proves_nothing(staff_member: Client) -> None:
    assert staff_member.get(PROVE).status_code == 405


def test_suppliers_see_nothing_of_the_books(member: Client) -> None:
    for address in (TRIAL_BALANCE, reverse("admin:ledger_account_changelist")):
        assert member.get(address).status_code in (302, 403)
    assert member.post(PROVE).status_code in (302, 403)


def test_staff_without_a_role_see_no_trial_balance(client: Client) -> None:
    client.force_login(UserFactory(is_staff=True))
    assert client.get(TRIAL_BALANCE).status_code == 403
