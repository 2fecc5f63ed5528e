"""Staff settle all collected advances that are clean at once; the others say why a person must look at them."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from infactor.financing.advances import cases
from infactor.financing.models import Advance, Approval, Payout
from tests.support.admin_client import confirm, visible_text
from tests.support.scenarios.financing import Scenario, build_scenario

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
PAGE = reverse("admin:financing_advance_settle_clean")
LIST = reverse("admin:financing_advance_changelist")


@pytest.fixture(scope="module")
def scenario_builder() -> Callable[[], Scenario]:
    def build() -> Scenario:
        scenario = build_scenario()
        scenario.terms(dual_control_threshold=Decimal(10**6))
        return scenario

    return build


def collected(scenario: Scenario, *, face: str = "500", number: str = "") -> Advance:
    terms = {"invoice_no": number} if number else {}
    advance = scenario.funded(scenario.invoice(scenario.buyer(), face=face, **terms))
    scenario.pay(advance, face)
    advance.refresh_from_db()
    return advance


def statuses(*advances: Advance) -> list[str]:
    return [Advance.objects.get(pk=one.pk).status for one in advances]


def test_what_is_clean_is_settled_what_is_large_waits_and_what_is_disputed_stays(
    client: Client, scenario: Scenario
) -> None:
    clean, disputed = collected(scenario), collected(scenario, number="D-1")
    cases.open_dispute(advance=disputed, by=scenario.operations, at=scenario.now, reason="Broken")
    open_one = scenario.funded(scenario.invoice(scenario.buyer()))
    client.force_login(scenario.operations)
    assert PAGE in client.get(LIST).content.decode()
    page = client.get(PAGE)
    text = visible_text(page)
    assert f"{disputed}, invoice D-1 A case is open: dispute." in text
    assert str(open_one) not in text
    assert statuses(clean, disputed) == ["collected", "collected"]  # looking changes nothing
    answer = confirm(client, PAGE)
    assert answer["Location"] == LIST
    assert "1 advance is settled." in visible_text(client.get(LIST))
    assert statuses(clean, disputed, open_one) == ["settled", "collected", "funded"]


def test_a_double_click_settles_nothing_twice(client: Client, scenario: Scenario) -> None:
    clean = collected(scenario)
    client.force_login(scenario.operations)
    token = client.get(PAGE).context["preview_token"]
    client.post(PAGE, {"preview_token": token})
    again = client.post(PAGE, {"preview_token": token})
    assert "The figures have changed" in visible_text(again)
    assert Payout.objects.filter(advance=clean, purpose="rebate").count() == 1


def test_beyond_the_threshold_it_is_requested_of_a_second_person_as_one_alone(
    client: Client, scenario: Scenario
) -> None:
    first, second = collected(scenario, face="500"), collected(scenario, face="400")
    client.force_login(scenario.operations)
    scenario.terms(dual_control_threshold=Decimal("50"))
    text = visible_text(client.get(PAGE))
    assert "Will wait for a second person" in text
    confirm(client, PAGE)
    waiting = set(Approval.objects.values_list("subject", flat=True))
    settled = {one.ledger_owner for one in Advance.objects.filter(status="settled")}
    assert waiting | settled == {first.ledger_owner, second.ledger_owner}
    assert waiting
    assert waiting & settled == set()
    assert "already requested" in visible_text(client.get(PAGE))


def test_one_that_fails_meanwhile_is_named_and_the_others_are_settled(
    client: Client, scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails, clean = collected(scenario), collected(scenario)
    client.force_login(scenario.operations)
    token = client.get(PAGE).context["preview_token"]
    from infactor.financing.admin.advances import settle_clean

    calls = []
    act = settle_clean.SettleCleanView.act

    def once(view: settle_clean.SettleCleanView, row: Advance) -> object:
        calls.append(row.pk)
        if row.pk == fails.pk and calls.count(row.pk) == 2:  # after it was rehearsed
            raise settle_clean.NotClean("It has changed.")
        return act(view, row)

    monkeypatch.setattr(settle_clean.SettleCleanView, "act", once)
    client.post(PAGE, {"preview_token": token})
    text = visible_text(client.get(LIST))
    assert "It has changed." in text
    assert "1 advance is settled." in text
    assert statuses(fails, clean) == ["collected", "settled"]


def test_only_the_rows_of_the_filtered_list_are_settled(client: Client, scenario: Scenario) -> None:
    one, other = collected(scenario, number="F-1"), collected(scenario, number="F-2")
    client.force_login(scenario.operations)
    confirm(client, f"{PAGE}?q=F-1")
    assert statuses(one, other) == ["settled", "collected"]
    assert client.get(f"{PAGE}?no_such=1").status_code == 404
    client.force_login(scenario.underwriter)
    assert client.get(PAGE).status_code == 403
