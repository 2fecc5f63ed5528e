"""Who approves money that goes out reads what its supplier owes, and whether somebody chose not to deduct it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from infactor.core.money import format_amount
from infactor.financing import netting
from infactor.financing.advances import funding, repurchases
from infactor.financing.models import Approval, Case, Payout
from infactor.financing.money_out import batches, endings
from tests.support.admin_client import visible_text
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario, build_scenario

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]


@pytest.fixture(scope="module")
def scenario_builder() -> Callable[[], Scenario]:
    def build() -> Scenario:
        scenario = build_scenario()
        scenario.terms()
        lost = scenario.funded(scenario.invoice(scenario.buyer("Lost"), face="500"))
        money_out.confirm(scenario, lost.payouts.get())
        given: Any = {"value_date": scenario.money_day, "by": scenario.operations, "at": scenario.now}
        repurchases.repurchase(advance=lost, reason="Recourse", **given)
        return scenario

    return build


@pytest.fixture
def second(scenario: Scenario) -> Client:
    client = Client()
    client.force_login(scenario.approver)
    return client


def asked(scenario: Scenario, kind: Approval.Kind, *, subject: str, amount: str, **arguments: Any) -> str:
    row = Approval.objects.create(
        kind=kind,
        subject=subject,
        supplier=scenario.supplier,
        currency="USD",
        amount=Decimal(amount),
        summary="Money out",
        arguments={"value_date": scenario.money_day.isoformat(), **arguments},
        requested_by=scenario.operations,
        requested_at=scenario.now,
    )
    return reverse("admin:financing_approval_approve", args=[row.pk])


def debt(scenario: Scenario) -> str:
    """What the supplier owes for the repurchase."""
    return format_amount(netting.debt(supplier_id=scenario.supplier.pk, currency="USD"), "USD")


def said(scenario: Scenario) -> str:
    return f"The supplier owes infactor {debt(scenario)}"


def read(client: Client, address: str) -> str:
    return visible_text(client.get(address))  # type: ignore[arg-type]


def test_an_approval_of_funding_says_that_a_debt_is_not_deducted(scenario: Scenario, second: Client) -> None:
    advance = scenario.accepted(scenario.invoice(scenario.buyer("Next")))
    fund = {"kind": Approval.Kind.FUND, "amount": "850", "subject": advance.ledger_owner, "advance": advance.pk}
    left_out = asked(scenario, **fund, nets=False)
    shown = read(second, left_out)
    assert said(scenario) in shown
    assert "Deducted for it $0.00" in shown
    assert f"not deducted: {scenario.operations} chose so, although the terms say that it is" in shown
    assert "Paid to the supplier $850.00" in shown
    Approval.objects.update(arguments={**Approval.objects.get().arguments, "nets": True})
    shown = read(second, left_out)
    assert f"Deducted for it {debt(scenario)} Deduction deducted, as the terms say" in shown


def paid_in_full(scenario: Scenario) -> Payout:
    """A payout of which nothing was deducted, since somebody said so."""
    advance = scenario.accepted(scenario.invoice(scenario.buyer("Next")))
    given: Any = {"value_date": scenario.money_day, "by": scenario.operations, "at": scenario.now}
    funding.fund(advance=advance, with_netting=False, **given)
    return Payout.objects.get(advance=advance)


def test_approvals_of_a_remittance_and_of_a_payout_prepared_again_show_the_debt(
    scenario: Scenario, second: Client
) -> None:
    given: Any = {"supplier": scenario.supplier.pk, "currency": "USD"}
    subject = f"supplier:{scenario.supplier.pk}:USD"
    remit = asked(scenario, Approval.Kind.REMIT, subject=subject, amount="100", **given)
    Approval.objects.update(arguments={**Approval.objects.get().arguments, "amount": "100"})
    assert said(scenario) in read(second, remit)
    payout = paid_in_full(scenario)
    endings.stop(payout=payout, reason="A call", by=scenario.operations, at=scenario.now)
    again = asked(
        scenario, Approval.Kind.RESEND, subject=payout.ledger_owner, amount="850", payout=payout.pk, nets=False
    )
    shown = read(second, again)
    assert said(scenario) in shown
    assert f"{scenario.operations} chose so, although the terms say that it is" in shown


def test_many_payouts_show_debts_and_open_cases(scenario: Scenario, second: Client) -> None:
    payout = paid_in_full(scenario)
    money_out.approve(scenario, payout)
    account = money_out.account_for("USD", by=scenario.operations, at=scenario.now)
    made: Any = {"house_account": account, "format": "csv", "by": scenario.operations, "at": scenario.now}
    batch = batches.make(payout_ids=[payout.pk], **made)
    given: Any = {"supplier": scenario.supplier, "advance": payout.advance, "opened_at": scenario.now}
    Case.objects.create(kind="dispute", reason="Not delivered", **given)
    many = reverse("admin:financing_payout_approve_many") + f"?ids={payout.pk}"
    shown = read(second, many)
    assert "The supplier owes Open cases" in shown
    assert f"{debt(scenario)} Dispute" in shown
    clerk = Client()
    clerk.force_login(scenario.operations)
    export = reverse("admin:financing_payoutbatch_export_file", args=[batch.pk])
    assert f"{debt(scenario)} Dispute" in read(clerk, export)
