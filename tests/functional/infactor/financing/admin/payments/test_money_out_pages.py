"""A day of money out, clicked: approve in the list, batch, export, download, the statement's lines, and the number."""

import pytest
from django.test import Client
from django.urls import reverse

from infactor.core.models import AuditEvent
from infactor.financing.models import Payout, PayoutBatch
from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus
from infactor.ledger.integrity import verify
from infactor.suppliers.models import BankAccount
from infactor.users.models import User
from tests.support.admin_client import confirm, visible_text
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
LIST = "/admin/financing/payout/"
NUMBER = "000123456789"


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def choose(client: Client, action: str, *payouts: Payout) -> str:
    """Tick payouts in the list, choose the action, and return the address of the page that follows."""
    keys = [str(one.pk) for one in payouts]
    answer = client.post(LIST, {"action": action, "_selected_action": keys})
    assert answer.status_code == 302, visible_text(answer)  # type: ignore[arg-type]
    return str(answer["Location"])


def statuses() -> list[str]:
    return list(Payout.objects.order_by("pk").values_list("status", flat=True))


def test_payouts_are_approved_sent_and_confirmed_by_clicks(scenario: Scenario) -> None:
    payouts = [scenario.funded(scenario.invoice(scenario.buyer())).payouts.get() for _ in range(2)]
    account = money_out.account_for("USD", by=scenario.operations, at=scenario.now)
    clerk, second = client_of(scenario.operations), client_of(scenario.approver)
    refused = confirm(clerk, choose(clerk, "approve_chosen", *payouts))
    assert refused.status_code == 403
    asked = choose(second, "approve_chosen", *payouts)
    shown = visible_text(second.get(asked))  # type: ignore[arg-type]
    assert "Total $1,700.00" in shown
    assert confirm(second, asked).status_code == 302
    assert statuses() == ["approved", "approved"]
    made = confirm(clerk, choose(clerk, "put_into_batch", *payouts), house_account=str(account.pk), format="csv")
    batch = PayoutBatch.objects.get()
    assert made["Location"] == reverse("admin:financing_payoutbatch_change", args=[batch.pk])
    page = visible_text(clerk.get(made["Location"]))  # type: ignore[arg-type]
    assert "To be exported" in page
    assert NUMBER not in page
    assert confirm(clerk, reverse("admin:financing_payoutbatch_export_file", args=[batch.pk])).status_code == 302
    assert statuses() == ["sent", "sent"]
    house = visible_text(clerk.get(reverse("admin:banking_houseaccount_change", args=[account.pk])))  # type: ignore[arg-type]
    assert "In transit: $1,700.00" in house
    address = reverse("admin:financing_payoutbatch_download", args=[batch.pk])
    assert NUMBER not in visible_text(clerk.get(address))  # type: ignore[arg-type]
    files = [confirm(clerk, address) for _ in range(2)]
    assert files[0].content == files[1].content
    assert NUMBER.encode() in files[0].content
    assert "no-store" in files[0]["Cache-Control"]
    assert AuditEvent.objects.filter(event="payoutbatch.downloaded").count() == 2
    line = money_out.line_on(account, "-1700", on=scenario.today, at=scenario.now)
    said = confirm(clerk, reverse("admin:banking_statementline_sent", args=[line.pk]), items=f"batch:{batch.pk}")
    assert said.status_code == 302
    assert statuses() == ["confirmed", "confirmed"]
    text = f"RETURN R03 {payouts[0].end_to_end_id}"
    back = money_out.line_on(account, "850", on=scenario.today, at=scenario.now, remittance=text)
    address = reverse("admin:banking_statementline_came_back", args=[back.pk])
    assert f"It names {payouts[0].end_to_end_id}" in visible_text(clerk.get(address))  # type: ignore[arg-type]
    accepted = confirm(clerk, address, payout=str(payouts[0].pk), code="R03", reason="")
    assert accepted.status_code == 302
    assert statuses() == ["returned", "confirmed"]
    account_page = reverse("admin:suppliers_bankaccount_confirm", args=[BankAccount.objects.get().pk])
    assert "There is no such account" in visible_text(clerk.get(account_page))  # type: ignore[arg-type]
    assert verify(at=scenario.now).findings == []


def test_the_number_is_shown_on_demand_to_who_may_confirm_it(scenario: Scenario) -> None:
    account = BankAccount.objects.get()
    address = reverse("admin:suppliers_bankaccount_number", args=[account.pk])
    clerk = client_of(scenario.operations)
    assert NUMBER not in visible_text(clerk.get(address))  # type: ignore[arg-type]
    shown = confirm(clerk, address)
    assert NUMBER in visible_text(shown)
    assert "no-store" in shown["Cache-Control"]
    event = AuditEvent.objects.get(event="bankaccount.number_shown")
    assert (event.actor_id, NUMBER in str(event.details)) == (scenario.operations.pk, False)
    assert client_of(scenario.underwriter).get(address).status_code == 403


def test_the_second_person_sees_what_blocks_a_payout_and_approves_the_others(scenario: Scenario) -> None:
    good, bad = (scenario.funded(scenario.invoice(scenario.buyer())).payouts.get() for _ in range(2))
    second = client_of(scenario.approver)
    Invoice.objects.filter(advances=bad.advance).update(books_status=BooksStatus.VOIDED, balance=0)
    why = f"QuickBooks says that invoice {Invoice.objects.get(advances=bad.advance)} is voided."
    page = visible_text(second.get(reverse("admin:financing_payout_approve", args=[bad.pk])))  # type: ignore[arg-type]
    assert "In QuickBooks Voided, $0.00 open" in page
    assert f"Blocks it Payout {bad.pk} {why}" in page
    for shown in (LIST, reverse("admin:financing_payout_change", args=[bad.pk])):
        assert why in visible_text(second.get(shown))  # type: ignore[arg-type]
    asked = choose(second, "approve_chosen", good, bad)
    assert why in visible_text(second.get(asked))  # type: ignore[arg-type]
    done = visible_text(second.get(confirm(second, asked)["Location"]))  # type: ignore[arg-type]
    assert "1 payout is approved." in done
    assert f"Payout {bad.pk}: {why}" in done
    assert statuses() == ["approved", "prepared"]
    refused = confirm(second, reverse("admin:financing_payout_approve", args=[bad.pk]))
    assert f"Payout {bad.pk}: {why}" in visible_text(refused)


def test_a_batch_leaves_out_what_is_blocked_and_its_file_is_refused_with_it(scenario: Scenario) -> None:
    first, other, late = (scenario.funded(scenario.invoice(scenario.buyer())).payouts.get() for _ in range(3))
    money_out.approve(scenario, first, other, late)
    account = money_out.account_for("USD", by=scenario.operations, at=scenario.now)
    clerk, given = client_of(scenario.operations), {"house_account": str(account.pk), "format": "csv"}
    Invoice.objects.filter(advances=other.advance).update(books_status=BooksStatus.PAID, balance=0)
    made = confirm(clerk, choose(clerk, "put_into_batch", first, other, late), **given)
    page = visible_text(clerk.get(made["Location"]))  # type: ignore[arg-type]
    assert f"Payout {other.pk}: QuickBooks says that invoice" in page
    batch = PayoutBatch.objects.get()
    assert batch.payouts.count() == 2
    Invoice.objects.filter(advances=late.advance).update(books_status=BooksStatus.VOIDED, balance=0)
    export = reverse("admin:financing_payoutbatch_export_file", args=[batch.pk])
    assert "Blocked by" in visible_text(clerk.get(export))  # type: ignore[arg-type]
    refused = confirm(clerk, export)
    assert f"Payout {late.pk}: QuickBooks says that invoice" in visible_text(refused)
    assert statuses() == ["approved"] * 3
