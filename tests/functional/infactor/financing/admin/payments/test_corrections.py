"""Staff correct payments and advances on their pages: previewed, with a second person where it is large."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from infactor.financing.advances import repurchases, write_offs
from infactor.financing.models import (
    Advance,
    Approval,
    Collection,
    CollectionAllocation,
    CollectionCost,
    Correction,
    Payee,
    Refund,
)
from infactor.ledger.integrity import verify
from infactor.ledger.models import Transaction
from infactor.users.models import User
from tests.support.admin_client import confirm, preview, preview_and_confirm, visible_text
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
WHY = "It was typed wrong"


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(row: Collection | Advance, name: str) -> str:
    return reverse(f"admin:financing_{row._meta.model_name}_{name}", args=[row.pk])


def fresh(advance: Advance) -> Advance:
    return Advance.objects.select_related("invoice", "terms").get(pk=advance.pk)


def test_unmatching_is_previewed_with_its_postings_and_then_done(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    payment, clerk = scenario.pay(advance, "1000"), client_of(scenario.operations)
    part = CollectionAllocation.objects.get()
    typed = {"allocations": [str(part.pk)], "reason": WHY}
    shown = visible_text(preview(clerk, page(payment, "unmatch"), **typed))
    assert "What is posted to the ledger" in shown
    assert f"Payment unmatched Nov 2, 2026 Receivable, advance {advance.pk}, USD $1,000.00" in shown
    assert (Correction.objects.count(), fresh(advance).status) == (0, Advance.Status.COLLECTED)
    assert preview_and_confirm(clerk, page(payment, "unmatch"), **typed).status_code == 302
    assert fresh(advance).status == Advance.Status.FUNDED
    row = visible_text(clerk.get(reverse("admin:financing_collection_change", args=[payment.pk])))  # type: ignore[arg-type]
    assert f"Payment unmatched Nov 2, 2026, 17:00 UTC $1,000.00 waits to be matched again {WHY}" in row
    assert verify(at=scenario.now).ok


def test_what_was_no_payment_is_withdrawn_and_its_page_says_so(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    payment, clerk = scenario.pay(advance, "1000"), client_of(scenario.operations)
    scenario.terms(dual_control_threshold=Decimal(500))
    address, second = page(payment, "withdraw"), client_of(scenario.approver)
    assert "It waits for a second person" in visible_text(preview(clerk, address, reason=WHY))
    assert preview_and_confirm(clerk, address, reason=WHY).status_code == 302
    assert fresh(advance).status == Advance.Status.COLLECTED
    assert (
        confirm(second, reverse("admin:financing_approval_approve", args=[Approval.objects.get().pk])).status_code
        == 302
    )
    assert fresh(advance).status == Advance.Status.FUNDED
    shown = visible_text(clerk.get(reverse("admin:financing_collection_change", args=[payment.pk])))  # type: ignore[arg-type]
    assert f"Payment withdrawn: it was none Nov 2, 2026, 17:00 UTC it was no payment {WHY}" in shown
    assert "It was withdrawn on Nov 2, 2026" in visible_text(clerk.get(page(payment, "match"), follow=True))  # type: ignore[arg-type]
    listed = reverse("admin:financing_collection_changelist")
    assert f"Payment {payment.pk}" in visible_text(clerk.get(f"{listed}?unmatched=withdrawn"))  # type: ignore[arg-type]
    assert f"Payment {payment.pk}" not in visible_text(clerk.get(f"{listed}?unmatched=no"))  # type: ignore[arg-type]


def test_a_large_correction_waits_for_a_second_person_who_sees_it(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    payment = scenario.pay(advance, "1000")
    scenario.terms(dual_control_threshold=Decimal(500))
    typed = {"value_date": f"{scenario.today - timedelta(days=1)}", "reason": WHY}
    clerk, address = client_of(scenario.operations), page(payment, "value_date")
    assert "It waits for a second person" in visible_text(preview(clerk, address, **typed))
    assert preview_and_confirm(clerk, address, **typed).status_code == 302
    asked = Approval.objects.get()
    assert asked.summary == f"Change the value date of Payment {payment.pk} from Nov 2, 2026 to Nov 1, 2026"
    assert not Correction.objects.exists()
    assert "already requested" in visible_text(preview(clerk, address, **typed))
    second = client_of(scenario.approver)
    approve = reverse("admin:financing_approval_approve", args=[asked.pk])
    assert WHY in visible_text(second.get(approve))  # type: ignore[arg-type]
    assert confirm(second, approve).status_code == 302
    made = Correction.objects.get()
    assert (made.made_by, made.approved_by) == (scenario.operations, scenario.approver)
    listed = visible_text(second.get(reverse("admin:financing_correction_change", args=[made.pk])))  # type: ignore[arg-type]
    assert WHY in listed


def test_amount_refund_and_a_refund_that_came_back_are_corrected_by_hand(scenario: Scenario) -> None:
    payment, clerk = scenario.arrive("100", targets=[], payer="Somebody"), client_of(scenario.operations)
    assert preview_and_confirm(clerk, page(payment, "amount"), amount="1000", reason=WHY).status_code == 302
    day = f"{scenario.today}"
    account = {
        "holder": "Somebody",
        "bank_name": "Bank of Payers",
        "country": "US",
        "account_number": "000777888999",
        "routing_number": "021000022",
    }
    typed = {"amount": "1000", "value_date": day, "reason": WHY, **account}
    assert "not a valid routing number" in visible_text(preview(clerk, page(payment, "refund"), **typed))
    typed["routing_number"] = "021000021"
    assert preview_and_confirm(clerk, page(payment, "refund"), **typed).status_code == 302
    sent = Refund.objects.get()
    assert clerk.get(page(payment, "refund")).status_code == 302  # nothing is left
    assert (sent.payout.status, sent.payout.payee_account.masked) == ("prepared", "••••8999")
    assert confirm(clerk, page(sent.payout, "stop"), reason=WHY).status_code == 302
    assert clerk.get(page(payment, "refund")).status_code == 200
    assert verify(at=scenario.now).ok


@pytest.mark.parametrize("ended", ["reopen", "cancel_repurchase", "cancel_write_off", "cancel_short_payment"])
def test_what_ended_an_advance_is_taken_back_by_hand(scenario: Scenario, ended: str) -> None:
    advance, clerk = scenario.funded(scenario.invoice(scenario.buyer())), client_of(scenario.operations)
    today: Any = {"value_date": scenario.today, "by": scenario.operations, "at": scenario.now, "reason": WHY}
    typed = {"reason": WHY}
    if ended == "reopen":
        scenario.pay(advance, "1000")
        scenario.settle(fresh(advance))
    elif ended == "cancel_repurchase":
        money_out.leave(scenario, advance)
        repurchases.repurchase(advance=advance, **today)
    elif ended == "cancel_write_off":
        money_out.leave(scenario, advance)
        write_offs.write_off(advance=advance, **today)
    else:
        short = {"amount": "50", "value_date": f"{scenario.today}", "reason": WHY}
        assert confirm(clerk, page(advance, "short_payment"), **short).status_code == 302
        typed["reference"] = f"advance:{advance.pk}:short:1"
    assert preview_and_confirm(clerk, page(advance, ended), **typed).status_code == 302
    assert Correction.objects.get().reason == WHY
    assert fresh(advance).status in (Advance.Status.COLLECTED, Advance.Status.FUNDED)
    assert clerk.get(page(advance, ended)).status_code == 302
    assert verify(at=scenario.now).ok


def test_a_collection_cost_is_recorded_and_its_recovery_shown(scenario: Scenario) -> None:
    advance, clerk = scenario.funded(scenario.invoice(scenario.buyer())), client_of(scenario.operations)
    money_out.leave(scenario, advance)
    write_offs.write_off(
        advance=advance, value_date=scenario.today, by=scenario.operations, at=scenario.now, reason=WHY
    )
    typed = {
        "amount": "30",
        "new_payee": "A lawyer",
        "service": "attorney",
        "country": "US",
        "value_date": f"{scenario.today}",
        "reason": "The court's fee",
    }
    nobody = visible_text(preview(clerk, page(advance, "cost"), **{**typed, "new_payee": " "}))
    assert "Choose who is paid, or name a new payee." in nobody
    assert preview_and_confirm(clerk, page(advance, "cost"), **typed).status_code == 302
    assert "Costs to recover $30.00" in visible_text(clerk.get(page(advance, "cost")))  # type: ignore[arg-type]
    lawyer = CollectionCost.objects.get().payee
    assert (lawyer.name, lawyer.service, lawyer.entered_by) == ("A lawyer", "attorney", scenario.operations)
    again = visible_text(preview(clerk, page(advance, "cost"), **typed))
    assert "There is a payee of this name: choose it" in again
    both = visible_text(preview(clerk, page(advance, "cost"), **{**typed, "payee": f"{lawyer.pk}"}))
    assert "not both" in both
    chosen = {**typed, "new_payee": "", "payee": f"{lawyer.pk}"}
    assert preview_and_confirm(clerk, page(advance, "cost"), **chosen).status_code == 302
    assert (lawyer.costs.count(), Payee.objects.count()) == (2, 1)


def test_beyond_the_reserve_an_underwriter_approves_a_short_payment_and_nobody_else(scenario: Scenario) -> None:
    advance, clerk = scenario.funded(scenario.invoice(scenario.buyer())), client_of(scenario.operations)
    money_out.leave(scenario, advance)
    typed = {"amount": "400", "value_date": f"{scenario.today}", "reason": "Damaged goods"}
    assert confirm(clerk, page(advance, "short_payment"), **typed).status_code == 302
    asked = Approval.objects.get(kind=Approval.Kind.SHORT)
    approve = reverse("admin:financing_approval_approve", args=[asked.pk])
    refused = visible_text(confirm(client_of(scenario.approver), approve))
    assert "an underwriter must approve this" in refused
    assert confirm(client_of(scenario.underwriter), approve).status_code == 302
    assert verify(at=scenario.now).ok


def test_a_short_payment_is_not_accepted_during_a_dispute(scenario: Scenario) -> None:
    advance, clerk = scenario.funded(scenario.invoice(scenario.buyer())), client_of(scenario.operations)
    confirm(clerk, page(advance, "dispute"), reason="Two bags were missing")
    typed = {"amount": "40", "value_date": f"{scenario.today}", "reason": "Damaged goods"}
    assert "A dispute is open" in visible_text(confirm(clerk, page(advance, "short_payment"), **typed))
    assert not Transaction.objects.filter(reference__contains=":short:").exists()


def test_a_payment_that_looks_recorded_waits_for_a_person_to_say_which(scenario: Scenario) -> None:
    first = scenario.arrive("5600", targets=[], bank_reference="WIRE-77")
    clerk, address = client_of(scenario.operations), reverse("admin:financing_collection_record")
    typed = {
        "amount": "5600",
        "currency": "USD",
        "value_date": f"{scenario.today - timedelta(days=1)}",
        "bank_reference": "wire 77",
        "form-TOTAL_FORMS": "0",
        "form-INITIAL_FORMS": "0",
    }
    shown = visible_text(preview_and_confirm(clerk, address, **typed))
    assert f"It looks like payment {first.pk}: the same amount and reference, 1 day apart." in shown
    assert "Recorded already? These payments look like it" in shown
    assert Collection.objects.count() == 1
    assert preview_and_confirm(clerk, address, **typed, is_another="on").status_code == 302
    assert Collection.objects.get(is_another=True).value_date == scenario.today - timedelta(days=1)
