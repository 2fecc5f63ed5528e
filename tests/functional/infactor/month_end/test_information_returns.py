"""What was paid for collecting in a year: by payee, reported or not and why, and as a file with full numbers."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from infactor.core.models import AuditEvent
from infactor.financing.advances import collection_costs, payees
from infactor.financing.collections import line_acceptance
from infactor.financing.models import Advance, CollectionCost, Payee
from infactor.month_end import information_returns
from infactor.month_end.information_returns import PayeeYear
from tests.support.admin_client import confirm, visible_text
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db
PAGE, FILE = "/admin/month-end/1099/", "/admin/month-end/1099/file/"
FULL: Any = {
    "business_type": "individual",
    "address_line1": "1 Main St",
    "city": "Reno",
    "region": "NV",
    "postal_code": "89501",
    "w9_received_on": date(2026, 1, 5),
}


def by(scenario: Scenario) -> Any:
    return {"by": scenario.operations, "at": scenario.now}


def cost(scenario: Scenario, advance: Advance, payee: Payee, amount: str) -> CollectionCost:
    return collection_costs.record(
        advance=advance, amount=Decimal(amount), payee=payee, value_date=scenario.today, reason="Court", **by(scenario)
    )


def of_year(year: int) -> dict[str, PayeeYear]:
    return {one.payee.name: one for one in information_returns.payees_of(year=year)}


def test_two_rows_of_one_payee_are_joined_for_the_year_and_separated_again(client: Client, scenario: Scenario) -> None:
    scenario.terms(dual_control_threshold=Decimal(100000))
    advance = scenario.funded(scenario.invoice(scenario.buyer(), face="10000"))
    full = payees.PayeeDetails(name="Ada Lovelace", service="attorney", country="US", tin_type="ssn", tin="123-45-6788")
    kept = payees.enter(details=full, **by(scenario))
    other = money_out.payee(name="Lovelace, Ada", **by(scenario))
    third = money_out.payee(name="Third", **by(scenario))
    costs = [cost(scenario, advance, kept, "400"), cost(scenario, advance, other, "300")]
    client.force_login(scenario.operations)
    join = f"/admin/financing/payee/{other.pk}/join/"
    assert "Select a valid choice" in visible_text(confirm(client, join, into=str(other.pk), reason="The same SSN"))
    wrong_way = confirm(client, f"/admin/financing/payee/{kept.pk}/join/", into=str(other.pk), reason="The same SSN")
    assert f"This one has the number (TIN). Join {other} with it instead." in visible_text(wrong_way)
    assert confirm(client, join, into=str(kept.pk), reason="The same SSN").status_code == 302
    (one,) = information_returns.payees_of(year=2026)
    assert (one.payee, one.in_transit) == (kept, costs)
    chain = confirm(client, f"/admin/financing/payee/{kept.pk}/join/", into=str(third.pk), reason="The same SSN")
    assert "Other payees are joined with this one." in visible_text(chain)
    with pytest.raises(payees.PayeeError, match="It is joined with Ada Lovelace"):
        payees.change(payee=other, details=full, **by(scenario))
    assert "Lovelace, Ada" in visible_text(client.get(f"/admin/financing/payee/{kept.pk}/change/"))
    page = f"/admin/financing/advance/{advance.pk}/cost/"
    assert "Lovelace, Ada" not in visible_text(client.get(page))
    separate = f"/admin/financing/payee/{other.pk}/separate/"
    assert confirm(client, separate, reason="Her sister, as it turned out").status_code == 302
    assert len(information_returns.payees_of(year=2026)) == 2
    events = AuditEvent.objects.filter(event__in=["payee.joined", "payee.separated"]).order_by("pk")
    assert [one.subject_id for one in events] == [str(other.pk)] * 2


def test_each_payee_is_reported_or_not_for_a_reason_and_with_what_is_missing(
    client: Client, scenario: Scenario
) -> None:
    scenario.terms(dual_control_threshold=Decimal(100000))
    advance = scenario.funded(scenario.invoice(scenario.buyer(), face="10000"))
    given: dict[str, Any] = {
        "Full attorney": {**FULL, "tin_type": "ssn", "tin": "123-45-6788"},
        "Law corporation": {"business_type": "corporation"},
        "Agency corporation": {"service": "agency", "business_type": "corporation"},
        "=HYPERLINK(1) agency": {**FULL, "service": "agency", "tin_type": "ein", "tin": "12-3456789"},
        "Public body": {"service": "other", "business_type": "exempt"},
        "Kanzlei Müller": {"country": "DE"},
        "Citizen abroad": {"country": "DE", "w9_received_on": date(2026, 2, 1)},
        "Small": {},
    }
    for name, details in given.items():
        payee = money_out.payee(name=name, **details, **by(scenario))
        paid = [
            cost(scenario, advance, payee, amount) for amount in (("1999.99",) if name == "Small" else ("1500", "500"))
        ]
        money_out.debit(scenario, costs=paid)
    waiting = cost(scenario, advance, Payee.objects.get(name="Small"), "70")
    found = of_year(2026)
    reasons = {name: one.reason for name, one in found.items() if not one.is_reported}
    assert reasons == {
        "Agency corporation": "A corporation. Only attorneys are reported as corporations.",
        "Public body": "Tax-exempt organization or public body.",
        "Kanzlei Müller": "Not of the United States: no Form W-9. Keep its Form W-8.",
        "Small": "Below $2,000 in the year.",
    }
    assert (found["Full attorney"].paid, found["Full attorney"].payments, found["Full attorney"].to_do) == (2000, 2, [])
    assert found["Law corporation"].to_do == ["Number (TIN) missing.", "W-9 missing.", "Address missing."]
    assert found["Small"].in_transit == [waiting]
    client.force_login(scenario.operations)
    page = visible_text(client.get(PAGE))
    for said in ("2026 so far", "$2,000.00 or more", "Public Law 119-21", "SSN ••••6788", "1099-NEC, box 1: attorney"):
        assert said in page, said
    assert "123-45-6788" not in page.replace("•", "")
    response = client.get(FILE, {"year": "2026"})
    content = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = {row["Legal name"]: row for row in csv.DictReader(io.StringIO(content))}
    assert set(rows) == {"'=HYPERLINK(1) agency", "Citizen abroad", "Full attorney", "Law corporation"}
    full = rows["Full attorney"]
    assert [full[one] for one in ("Form", "Box", "TIN", "Amount, USD", "To be done")] == [
        *("1099-NEC", "1", "123-45-6788", "2000.00", ""),
    ]
    assert rows["'=HYPERLINK(1) agency"]["TIN"] == "12-3456789"
    event = AuditEvent.objects.get(event="month_end.payees_exported")
    assert (event.details["year"], len(event.details["payees"])) == (2026, 4)


def test_a_cost_counts_in_the_year_in_which_the_bank_debited_it(client: Client, scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    lawyer = money_out.payee(**by(scenario))
    cost_of_last_year = cost(scenario, advance, lawyer, "600")
    line = money_out.debit(scenario, costs=[cost_of_last_year])
    year = scenario.today.year
    CollectionCost.objects.update(value_date=date(year - 1, 12, 30))
    assert (of_year(year)["A lawyer"].paid, of_year(year - 1)) == (600, {})
    CollectionCost.objects.update(debited_on=date(year - 1, 12, 31))
    assert of_year(year) == {}
    last = of_year(year - 1)["A lawyer"]
    assert (last.paid, last.is_reported) == (600, information_returns.threshold(year - 1).amount == 600)
    CollectionCost.objects.update(debited_on=line.booking_date)
    line_acceptance.reopen_line(line=line, reason="Another one", **by(scenario))
    assert (of_year(year)["A lawyer"].paid, len(of_year(year - 1)["A lawyer"].in_transit)) == (0, 1)
    assert [information_returns.threshold(one).amount for one in (2020, 2025, 2026, 2027)] == [600, 600, 2000, 2000]


def test_other_currencies_are_named_and_never_added() -> None:
    payee = Payee(name="Ada", service="attorney", country="US", last4="6788", **FULL)
    paid = CollectionCost(advance=Advance(currency="EUR"), amount=Decimal(800), debited_on=date(2026, 3, 1))
    found = information_returns.payee_year(payee, [paid], year=2026)
    assert (found.paid, found.foreign, found.is_reported) == (0, [("EUR", Decimal(800))], False)
    assert found.to_do == ["Add what was paid in another currency, in US dollars at the rate of the day."]


def test_a_year_that_cannot_be_is_said_and_the_file_is_not_made(client: Client, scenario: Scenario) -> None:
    client.force_login(scenario.operations)
    for year in ("0", "9999", "2019", "-1", "x", "2026\x00", f"{scenario.today.year + 1}"):
        page = client.get(PAGE, {"year": year})
        assert (page.status_code, "errorlist" in page.content.decode()) == (200, True), year
        assert client.get(FILE, {"year": year}).status_code == 404, year
    assert "Nobody was paid as much as is reported." in visible_text(client.get(PAGE))
    assert not AuditEvent.objects.filter(event="month_end.payees_exported").exists()
    for person in (scenario.underwriter, scenario.reader):
        client.force_login(person)
        assert [client.get(one).status_code for one in (PAGE, FILE)] == [403, 403]


def test_operations_complete_a_payee_from_its_w9(client: Client, scenario: Scenario) -> None:
    client.force_login(scenario.operations)
    typed = {"name": "Ada Lovelace", "service": "attorney", "business_type": "unknown", "country": "US"}
    assert confirm(client, "/admin/financing/payee/add/", **typed).status_code == 302
    payee = Payee.objects.get()
    address = f"/admin/financing/payee/{payee.pk}/edit/"
    wrong = confirm(client, address, **typed, tin_type="ssn", tin="000-00-0000")
    assert "This is no valid SSN. Compare it with the W-9." in visible_text(wrong)
    tomorrow = f"{scenario.today + timedelta(days=400)}"
    assert "has not come yet" in visible_text(confirm(client, address, **typed, w9_received_on=tomorrow))
    assert confirm(client, address, **typed, tin_type="ssn", tin="123-45-6788").status_code == 302
    payee.refresh_from_db()
    assert payees.formatted_tin(payee) == "123-45-6788"
    for page in (address, f"/admin/financing/payee/{payee.pk}/change/", "/admin/financing/payee/"):
        shown = client.get(page).content.decode()
        assert "SSN ••••6788" in shown
        assert "45-6788" not in shown
        assert "123456788" not in shown
    listed = b"".join(client.get("/admin/financing/payee/export/csv/").streaming_content)  # type: ignore[attr-defined]
    assert b"123456788" not in listed
