"""Decisions about many rows with ids that are made up, of another currency, or sent twice: nothing moves twice."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from infactor.banking import movements
from infactor.banking.models import Movement, StatementLine
from infactor.financing.collections import matching_runs
from infactor.financing.models import Collection, MatchingRun, Payout, PayoutBatch
from infactor.ledger.integrity import verify
from infactor.ledger.models import Transaction
from tests.support.admin_client import PREVIEW_TOKEN, confirm, visible_text
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario
from tests.support.statements import csv_statement, house_account, import_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
APPROVE, BATCH = reverse("admin:financing_payout_approve_many"), reverse("admin:financing_payout_make_batch")
MATCHING = reverse("admin:banking_statementline_matching")
MADE_UP = "999999,abc,-1,99999999999999999999999,,0x1"


def prepared(scenario: Scenario, **terms: str) -> Payout:
    return scenario.funded(scenario.invoice(scenario.buyer(), **terms)).payouts.get()


def test_made_up_ids_decide_nothing_and_break_nothing(client: Client, scenario: Scenario) -> None:
    payout = prepared(scenario)
    client.force_login(scenario.approver)
    for page in (APPROVE, f"{APPROVE}?ids={MADE_UP}"):
        assert "Choose payouts from the list." in visible_text(client.get(page, follow=True))
        assert client.post(page).status_code == 302
    ticked = {"action": "approve_chosen", "_selected_action": MADE_UP.split(",")}
    assert client.post("/admin/financing/payout/", ticked, follow=True).status_code == 200
    assert Payout.objects.get().status == "prepared"
    asked = f"{APPROVE}?ids={payout.pk},{MADE_UP},{payout.pk}"
    assert client.get(asked).context["facts"][0] == ("Payouts", "1")
    assert confirm(client, asked).status_code == 302
    assert Payout.objects.get().status == "approved"


def test_a_second_press_approves_no_payout_that_was_stopped_meanwhile(client: Client, scenario: Scenario) -> None:
    payout = prepared(scenario)
    client.force_login(scenario.approver)
    address = f"{APPROVE}?ids={payout.pk}"
    token = PREVIEW_TOKEN.search(client.get(address).content.decode())
    assert token
    answers = [client.post(address, {"preview_token": token[1]}) for _ in range(2)]
    assert [one.status_code for one in answers] == [302, 200]
    assert Payout.objects.get().approved_by == scenario.approver


def test_payouts_of_two_currencies_leave_in_no_batch_together(client: Client, scenario: Scenario) -> None:
    dollars = prepared(scenario)
    account = money_out.account_for("USD", by=scenario.operations, at=scenario.now)
    money_out.approve(scenario, dollars)
    canadian = house_account(scenario.operations, scenario.now, currency="CAD", number="333333333")
    client.force_login(scenario.operations)
    refused = confirm(client, f"{BATCH}?ids={dollars.pk}", house_account=str(canadian.pk), format="csv")
    assert "Select a valid choice" in visible_text(refused)
    Payout.objects.filter(pk=dollars.pk).update(currency="CAD")
    refused = confirm(client, f"{BATCH}?ids={dollars.pk}", house_account=str(account.pk), format="csv")
    assert refused.status_code == 200
    assert not PayoutBatch.objects.exists()


def test_certain_lines_are_accepted_once_however_often_the_button_is_pressed(
    client: Client, scenario: Scenario
) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer(), invoice_no="INV-4711"))
    account = house_account(scenario.operations, scenario.now)
    import_file(
        csv_statement(f"{scenario.today};1000.00;E-1;{advance.buyer};INV-4711;ID-1"),
        account=account,
        by=scenario.operations,
        at=scenario.now,
    )
    client.force_login(scenario.operations)

    def work() -> None:
        while runs := matching_runs.unfinished(at=scenario.now):
            for run_id in runs:
                matching_runs.work(run_id=run_id, at=scenario.now)

    client.post(MATCHING, {"find": "1"})
    work()
    assert StatementLine.objects.get().proposal.is_certain
    for person in (scenario.operations, scenario.operations, scenario.approver):
        client.force_login(person)
        client.post(MATCHING, {"accept": "1"})
    assert MatchingRun.objects.filter(kind=MatchingRun.Kind.ACCEPT).count() == 1
    work()
    client.force_login(scenario.operations)
    client.post(MATCHING, {"accept": "1"})
    work()
    assert Collection.objects.get().amount == 1000
    assert verify(at=scenario.now).findings == []


def test_a_line_pays_no_invoice_that_is_made_up_or_of_another_currency(client: Client, scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    canadian = house_account(scenario.operations, scenario.now, currency="CAD", number="333333333")
    line = money_out.line_on(canadian, Decimal(1000), on=scenario.today, at=scenario.now)
    address = reverse("admin:banking_statementline_match", args=[line.pk])
    client.force_login(scenario.operations)
    for key in (str(advance.pk), "999999", "99999999999999999999999", "abc"):
        answer = confirm(client, address, advances=key)
        assert answer.status_code == 200, key
    assert not Collection.objects.exists()


def test_a_statement_with_debits_that_is_read_twice_posts_nothing_twice(scenario: Scenario) -> None:
    account = house_account(scenario.operations, scenario.now)
    given = {"by": scenario.operations, "at": scenario.now}
    data = csv_statement(f"{scenario.today};-12.50;;Bank;Charge;ID-1", f"{scenario.today};-12.50;;Bank;Charge;ID-2")
    import_file(data, account=account, **given)
    first, second = StatementLine.objects.order_by("pk")
    assert {first.status, second.status} == {StatementLine.Status.DEBIT}
    said = {"kind": Movement.Kind.CHARGE, "amount": first.amount, "value_date": scenario.today, "note": "Charge"}
    movements.record(account=account, line=first, **said, **given)
    posted = Transaction.objects.count()
    again = import_file(data, account=account, **given)
    assert (again.new_lines, again.known_lines) == (0, 2)
    assert Transaction.objects.count() == posted
    second.refresh_from_db()
    assert second.status == StatementLine.Status.DEBIT
