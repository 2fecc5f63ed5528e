"""One thing of every kind that staff see, each named with markup that must stay inert."""

from decimal import Decimal

from infactor.financing import payouts
from infactor.financing.advances import cases
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.models import Approval
from infactor.financing.policy import limits, overrides
from tests.support.scenarios.financing import House

CANARY = '<script>alert("x")</script>'


def furnish(house: House, number: int) -> None:
    """One thing of every kind."""
    buyer = house.buyer(f"Northwind {number} {CANARY}")
    invoices = [house.invoice(buyer, invoice_no=f"{CANARY}{number}-{part}") for part in range(6)]
    house.request(invoices[0])
    house.offer(invoices[1])
    house.accepted(invoices[2])
    paid = house.funded(invoices[3])
    house.pay(paid, "1000.00", payer=CANARY, remittance=CANARY)
    house.pay(None, "5.00", payer=CANARY, remittance=f"for {invoices[4].invoice_no}")
    out = house.funded(invoices[4])
    cases.open_dispute(advance=out, by=house.operations, at=house.now, reason=f"wrong {CANARY}")
    house.arrive("3.00", targets=[AllocationTarget(Decimal(3), supplier=house.supplier)])
    failing = house.funded(invoices[5]).payouts.get()
    payouts.fail(payout=failing, value_date=house.today, reason=CANARY, by=house.operations, at=house.now)
    limits.set_limit(
        amount=Decimal(900), currency="USD", reason=CANARY, by=house.underwriter, at=house.now, supplier=house.supplier
    )
    overrides.override(rule="history", reason=CANARY, by=house.underwriter, at=house.now, buyer=buyer)
    Approval.objects.create(
        kind=Approval.Kind.FUND,
        subject=f"advance:{out.pk}",
        supplier=house.supplier,
        currency="USD",
        amount=Decimal(850),
        arguments={"advance": out.pk, "value_date": "2026-11-02"},
        summary=f"Pay {CANARY}",
        asked_by=house.operations,
        asked_at=house.now,
    )
    # The limit is for looking at, not for holding the next ones back.
    limits.set_limit(
        amount=Decimal(10**8),
        currency="USD",
        reason="back",
        by=house.underwriter,
        at=house.now,
        supplier=house.supplier,
    )
