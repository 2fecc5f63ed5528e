"""Sample data for staff's pages: one row of each kind, named with markup that must be escaped."""

from decimal import Decimal

from infactor.financing.advances import cases
from infactor.financing.collections import payments
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.corrections import payment_corrections
from infactor.financing.models import Approval
from infactor.financing.policy import limits, overrides
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario

CANARY = '<script>alert("x")</script>'


def create_sample_data(scenario: Scenario, number: int) -> None:
    """Create one row of every kind."""
    buyer = scenario.buyer(f"Northwind {number} {CANARY}")
    invoices = [scenario.invoice(buyer, invoice_no=f"{CANARY}{number}-{part}") for part in range(6)]
    scenario.request(invoices[0])
    scenario.offer(invoices[1])
    scenario.accepted(invoices[2])
    paid = scenario.funded(invoices[3])
    scenario.pay(paid, "1000.00", payer=CANARY, remittance=f"{CANARY}{number}")
    scenario.pay(None, "5.00", payer=CANARY, remittance=f"for {invoices[4].invoice_no}")
    out = scenario.funded(invoices[4])
    cases.open_dispute(advance=out, by=scenario.operations, at=scenario.now, reason=f"wrong {CANARY}")
    surplus = AllocationTarget(Decimal(3), supplier=scenario.supplier)
    wrong = scenario.arrive("3.00", targets=[surplus])
    payment_corrections.unmatch(
        collection=wrong,
        allocation_ids=[wrong.allocations.get().pk],
        reason=f"wrong {CANARY}",
        by=scenario.operations,
        at=scenario.now,
    )
    payments.allocate(collection=wrong, targets=[surplus], by=scenario.operations, at=scenario.now)
    failing = scenario.funded(invoices[5]).payouts.get()
    money_out.fail(scenario, failing, reason=CANARY)
    limits.set_limit(
        amount=Decimal(900),
        currency="USD",
        reason=CANARY,
        by=scenario.underwriter,
        at=scenario.now,
        supplier=scenario.supplier,
    )
    overrides.override(rule="payment_history", reason=CANARY, by=scenario.underwriter, at=scenario.now, buyer=buyer)
    Approval.objects.create(
        kind=Approval.Kind.FUND,
        subject=f"advance:{out.pk}",
        supplier=scenario.supplier,
        currency="USD",
        amount=Decimal(850),
        arguments={"advance": out.pk, "value_date": "2026-11-02"},
        summary=f"Pay {CANARY}",
        requested_by=scenario.operations,
        requested_at=scenario.now,
    )
    # This limit is only shown; it must not stop the next requests.
    limits.set_limit(
        amount=Decimal(10**8),
        currency="USD",
        reason="back",
        by=scenario.underwriter,
        at=scenario.now,
        supplier=scenario.supplier,
    )
