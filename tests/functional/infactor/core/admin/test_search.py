"""One field finds suppliers, buyers, invoices, advances, payments, payouts, lines, offers and requests."""

import uuid
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from infactor.core.admin.search_words import SearchWords
from infactor.financing.models import Notice, Payout
from infactor.invoices.models import Invoice
from tests.support.admin_client import visible_text
from tests.support.scenarios import money_out
from tests.support.scenarios import verification as verifications
from tests.support.scenarios.financing import Scenario, build_scenario, staff_member

pytestmark = pytest.mark.django_db
SEARCH = reverse("admin:search")


@pytest.fixture(scope="module")
def scenario_builder() -> Callable[[], Scenario]:
    def build() -> Scenario:
        scenario = build_scenario()
        scenario.terms()
        invoice = scenario.invoice(scenario.buyer("Northwind"), face="12400", invoice_no="RE-2026-00107")
        scenario.pay(scenario.funded(invoice), "12400", bank_reference="FT26310", payer="NORTHWIND TRADERS")
        scenario.invoice(scenario.buyer("Contoso", paid=0), face="77", invoice_no="4107")
        return scenario

    return build


def found(client: Client, text: str) -> str:
    answer = client.get(SEARCH, {"q": text})
    assert answer.status_code == 200
    return visible_text(answer)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("RE-2026-00107", {"Invoices", "Advances", "Offers", "Requests"}),
        ("northwind", {"Buyers", "Advances", "Payments"}),
        ("12,400.00", {"Invoices", "Advances", "Payments"}),
        ("12400", {"Invoices", "Advances", "Payments"}),
        ("ft26310", {"Payments"}),
        ("Larkspur", {"Suppliers", "Advances", "Payouts", "Offers", "Financing requests"}),
    ],
)
def test_one_field_finds_what_is_meant(client: Client, scenario: Scenario, text: str, kinds: set[str]) -> None:
    client.force_login(scenario.reader)
    shown = {str(group.table.caption) for group in client.get(SEARCH, {"q": text}).context["groups"]}
    assert {one for one in kinds if one != "Requests"} <= shown


def test_the_last_digits_of_a_number_find_it_and_the_nearest_is_first(client: Client, scenario: Scenario) -> None:
    client.force_login(scenario.reader)
    (invoices,) = [one for one in client.get(SEARCH, {"q": "107"}).context["groups"] if one.label == "invoices"]
    assert [str(row[0]).split("<bdi>")[1].split("<")[0] for row in invoices.table.rows] == ["4107", "RE-2026-00107"]
    (invoices,) = [
        one for one in client.get(SEARCH, {"q": "Invoice 4107"}).context["groups"] if one.label == "invoices"
    ]
    assert "4107" in str(invoices.table.rows[0][0])


def test_a_kind_with_more_than_ten_leads_to_its_list(client: Client, scenario: Scenario) -> None:
    buyer = scenario.buyer("Fabrikam", paid=0)
    for number in range(12):
        scenario.invoice(buyer, invoice_no=f"FB-{number:02}")
    client.force_login(scenario.reader)
    (invoices,) = client.get(SEARCH, {"q": "fb-"}).context["groups"]
    assert len(invoices.table.rows) == 10
    listed = client.get(invoices.more)
    assert listed.context["cl"].result_count == 12
    assert "“fb-”" in visible_text(listed)


def test_only_what_the_person_may_view_is_found(client: Client, scenario: Scenario) -> None:
    nobody = staff_member("Read-only")
    nobody.groups.clear()
    nobody.user_permissions.add(Permission.objects.get(codename="view_buyer"))
    client.force_login(nobody)
    assert [one.label for one in client.get(SEARCH, {"q": "northwind"}).context["groups"]] == ["buyers"]
    client.force_login(scenario.owner)
    assert client.get(SEARCH, {"q": "northwind"}).status_code in (302, 403)


def test_odd_input_gets_an_answer(client: Client, scenario: Scenario) -> None:
    client.force_login(scenario.reader)
    odd = ("", " ", "x" * 5000, "a\x00b", "%", "_", "\u202e\u200f", "😀", "9" * 40, "1e5", "NaN", "-", "'\"<b>")
    for text in (*odd, str(uuid.uuid4())):
        found(client, text)
    assert "Nothing matches “ % ”" in found(client, "%")
    assert "first 200 characters" in found(client, "x" * 5000)
    assert "Type a name" in found(client, "")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12,400.00", "12400.00"),
        ("12.400,00", "12400.00"),
        ("$12,400", "12400"),
        ("12400 USD", "12400"),
        ("USD 1,234,567.8", "1234567.8"),
        ("12 400,5", "12400.5"),
        ("1.2.3", "123"),
        ("INV-7", None),
        ("1e5", None),
        ("NaN", None),
        ("9" * 17, None),
    ],
)
def test_an_amount_is_read_as_people_write_it(text: str, amount: str | None) -> None:
    assert SearchWords.of(text).amount == (None if amount is None else Decimal(amount))


def test_invoices_are_found_by_indexes_alone(scenario: Scenario) -> None:
    from infactor.invoices.admin.search import INVOICES

    for text in ("RE-2026-00107", "2026-11-02"):
        words = SearchWords.of(text)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        for wanted in (INVOICES.exact(words), INVOICES.near(words)):
            assert wanted is not None
            with CaptureQueriesContext(connection):
                plan = INVOICES.rows().filter(wanted).order_by("-pk").explain()
            assert "Seq Scan on invoices_invoice" not in plan, plan
            assert "Bitmap Index Scan" in plan or "Index Scan using invoice_by" in plan, plan
    assert Invoice.objects.exists()


def test_what_infactor_names_things_by_finds_them(client: Client, scenario: Scenario) -> None:
    payout = Payout.objects.get(purpose="advance")
    batch = money_out.send(scenario, payout)
    verification = verifications.draft(scenario.invoice(scenario.buyer("Contoso", paid=0)), at=scenario.now)
    notice = Notice.objects.get()
    client.force_login(scenario.reader)

    def captions(text: str) -> dict[str, list[str]]:
        groups = client.get(SEARCH, {"q": text}).context["groups"]
        return {group.label: [str(row[0]) for row in group.table.rows] for group in groups}

    for text, label, row in (
        (payout.end_to_end_id, "payouts", payout),
        (payout.end_to_end_id.lower(), "payouts", payout),
        (batch.batch_id, "payouts", payout),
        (batch.batch_id, "payout batches", batch),
        (notice.number, "notices of assignment", notice),
        (notice.number.lower(), "notices of assignment", notice),
        (verification.number, "verifications", verification),
    ):
        assert f"/{row.pk}/change/" in captions(text)[label][0], text
    for address, text in (
        ("/admin/financing/payout/", payout.end_to_end_id),
        ("/admin/financing/payout/", batch.batch_id),
        ("/admin/financing/payoutbatch/", batch.batch_id),
        ("/admin/verification/verification/", verification.number),
    ):
        assert client.get(address, {"q": text}).context["cl"].result_count == 1, (address, text)
        assert client.get(address, {"q": f"{text[:-1]}x"}).context["cl"].result_count == 0


def test_a_refund_is_found_by_its_payee(client: Client, scenario: Scenario) -> None:
    payment = scenario.pay(None, "500", payer="Wrongpayer Ltd")
    given = {"value_date": scenario.today, "reason": "Paid to us by mistake"}
    money_out.refund(payment, "500", by=scenario.operations, at=scenario.now, **given)
    client.force_login(scenario.reader)
    (payouts,) = [one for one in client.get(SEARCH, {"q": "wrongpayer"}).context["groups"] if one.label == "payouts"]
    assert "Wrongpayer Ltd" in str(payouts.table.rows)
