"""Lines matched by hand where the list has no room for all that they may be: whole batches, exact amounts, a search."""

import pytest
from django.test import Client
from django.urls import reverse

from infactor.financing.admin.payments import line_confirmation, line_payment_returns, line_payouts
from infactor.financing.models import Payout
from infactor.ledger.integrity import verify
from tests.support.admin_client import confirm, visible_text
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]


@pytest.fixture(autouse=True)
def headroom_for_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_payouts, "MAX_LISTED", 2)
    monkeypatch.setattr(line_payment_returns, "MAX_LISTED", 2)
    monkeypatch.setattr(line_confirmation, "MAX_LISTED", 2, raising=False)
    monkeypatch.setattr(line_confirmation, "MAX_ENTRIES", 2, raising=False)


@pytest.fixture
def clerk(scenario: Scenario) -> Client:
    client = Client()
    client.force_login(scenario.operations)
    return client


def sent(scenario: Scenario, *faces: str) -> list[Payout]:
    found = [
        scenario.funded(scenario.invoice(scenario.buyer(f"Buyer {face}"), face=face)).payouts.get() for face in faces
    ]
    money_out.send(scenario, *found)
    return list(Payout.objects.filter(pk__in=[one.pk for one in found]).order_by("pk"))


def page_of(scenario: Scenario, amount: object, name: str = "sent") -> str:
    account = money_out.account_for("USD", by=scenario.operations, at=scenario.now)
    line = money_out.line_on(account, str(amount), on=scenario.today, at=scenario.now)
    return reverse(f"admin:banking_statementline_{name}", args=[line.pk])


def listed(client: Client, address: str, **typed: object) -> dict[str, str]:
    answer = client.post(address, typed) if typed else client.get(address)
    form = answer.context["form"]
    return dict(form.fields["entries" if "entries" in form.fields else "items"].choices)


def test_a_batch_of_more_than_the_list_shows_is_counted_and_confirmed_whole(scenario: Scenario, clerk: Client) -> None:
    payouts = sent(scenario, "1000", "1100", "1200", "1300")
    batch = payouts[0].batch_id
    address = page_of(scenario, -sum(one.amount for one in payouts))
    assert f"All of batch {batch}, 4 payouts: $3,910.00" in listed(clerk, address)[f"batch:{batch}"]
    assert "2 others are not listed." in visible_text(clerk.get(address))  # type: ignore[arg-type]
    assert clerk.get(address).context["form"].initial["items"] == [f"batch:{batch}"]
    assert confirm(clerk, address, items=f"batch:{batch}").status_code == 302
    assert set(Payout.objects.values_list("status", flat=True)) == {"confirmed"}
    assert verify(at=scenario.now).findings == []


def test_what_failed_since_can_be_left_out_of_a_batch(scenario: Scenario, clerk: Client) -> None:
    payouts = sent(scenario, "1000", "1100", "1200", "1300")
    money_out.give_back(scenario, payouts[3], code="R03", reason="")
    batch = payouts[0].batch_id
    address = page_of(scenario, -sum(one.amount for one in payouts[:3]))
    assert "without what has failed, 3 payouts" in listed(clerk, address)[f"sent:{batch}"]
    assert confirm(clerk, address, items=f"sent:{batch}").status_code == 302
    assert list(Payout.objects.order_by("pk").values_list("status", flat=True)) == ["confirmed"] * 3 + ["returned"]


def test_the_exact_amount_is_listed_first_and_a_search_finds_the_others(scenario: Scenario, clerk: Client) -> None:
    first, second, third, exact = sent(scenario, "1000", "1100", "1200", "1300")
    assert next(iter(listed(clerk, page_of(scenario, -exact.amount)))) == f"payout:{exact.pk}"
    address = page_of(scenario, -(first.amount + third.amount))
    assert f"payout:{third.pk}" not in listed(clerk, address)
    typed = {"items": [f"payout:{first.pk}"], "find": third.end_to_end_id, "found": ""}
    answer = clerk.post(address, typed)
    assert answer.context["form"].initial["items"] == [f"payout:{first.pk}"]
    assert not Payout.objects.filter(status="confirmed").exists()
    keys = listed(clerk, address, **typed)
    assert f"payout:{third.pk}" in keys
    assert f"payout:{first.pk}" in keys
    assert f"payout:{second.pk}" not in keys
    token = answer.context["preview_token"]
    chosen = {**typed, "found": third.end_to_end_id, "preview_token": token}
    assert clerk.post(address, {**chosen, "items": list(keys)[-2:]}).status_code == 302
    assert list(Payout.objects.filter(status="confirmed").order_by("pk")) == [first, third]


def test_a_posting_older_than_the_newest_is_offered_by_amount_and_found(scenario: Scenario, clerk: Client) -> None:
    for number, amount in enumerate(("100", "200", "300", "400")):
        scenario.pay(None, amount, bank_reference=f"FT{number}", payer="Buyer A")
    assert any("$100.00" in label for label in listed(clerk, page_of(scenario, "100", "booked")).values())
    address = page_of(scenario, "55", "booked")
    assert not any("$200.00" in label for label in listed(clerk, address).values())
    found = listed(clerk, address, find="200.00", found="")
    assert ["$200.00" in label for label in found.values()] == [True]


def test_a_debit_is_recorded_as_a_payment_that_came_back(scenario: Scenario, clerk: Client) -> None:
    rows = [
        scenario.arrive("700", targets=[], bank_reference=f"TRN 10{number}", payer=f"Payer {number} Inc")
        for number in range(4)
    ]
    account = money_out.account_for("USD", by=scenario.operations, at=scenario.now)
    line = money_out.line_on(account, "-700", on=scenario.today, at=scenario.now, remittance="Return TRN 101")
    address = reverse("admin:banking_statementline_payment_back", args=[line.pk])
    page = clerk.get(address)
    keys = [key for key, _ in page.context["form"].fields["payment"].choices]
    assert keys == [str(rows[1].pk), str(rows[3].pk)]
    assert "2 others are not listed." in visible_text(page)  # type: ignore[arg-type]
    assert f"Likely: Payment {rows[1].pk}" in visible_text(page)  # type: ignore[arg-type]
    assert page.context["form"].initial["payment"] == str(rows[1].pk)
    answer = clerk.post(address, {"payment": rows[1].pk, "find": "Payer 0", "found": "", "reason": ""})
    keys = [key for key, _ in answer.context["form"].fields["payment"].choices]
    assert keys == [str(rows[1].pk), str(rows[0].pk)]
    assert confirm(clerk, address, payment=rows[1].pk, reason="R01, no cover").status_code == 302
    rows[1].refresh_from_db()
    assert (rows[1].returned_on, rows[1].return_reason) == (scenario.today, "R01, no cover")
    assert clerk.get(address).status_code == 302
    assert verify(at=scenario.now).findings == []
    none = reverse("admin:banking_statementline_payment_back", args=[page_of(scenario, "-5").split("/")[-3]])
    assert clerk.get(none).status_code == 302
