"""A supplier with an invoice at every stage of financing, as of now."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from infactor.financing.advances import cases
from infactor.financing.eligibility import recalculation
from infactor.financing.models import Advance, FinancingRequest, Offer
from infactor.financing.origination import offers
from infactor.invoices.models import Buyer, Invoice
from infactor.invoices.search_text import normalize
from tests.support.scenarios.financing import Scenario, build_scenario
from tests.support.scenarios.onboarding import published


@dataclass
class Lifecycle:
    """The scenario, and one row of each kind."""

    scenario: Scenario
    ready: list[Invoice]
    todo: Invoice
    not_now: Invoice
    offer: Offer
    expired: Offer
    request: FinancingRequest
    accepted: Advance
    funded: Advance
    late: Advance
    collected: Advance
    settled: Advance


def build(*, now: datetime, name: str = "Larkspur Coffee Roasters") -> Lifecycle:
    """Build eighty days of history up to `now`, and recalculate eligibility."""
    published()
    scenario = build_scenario(now=now - timedelta(days=80), name=name)
    scenario.terms(verify_threshold=Decimal(8000))
    buyers = [scenario.buyer(one) for one in ("Northwind Grocers", "شركة النور", "Café <b>Ñandú</b>")]
    late = scenario.funded(
        add(scenario, buyers[0], "INV-9001", "4200", payable_date=scenario.today + timedelta(days=30))
    )
    settled = scenario.funded(add(scenario, buyers[1], "INV-9002", "6000"))
    scenario.later(40)
    scenario.pay(settled, "6000")
    settled = scenario.settle(settled)
    funded = scenario.funded(add(scenario, buyers[2], "INV-9003", "5400", tax="400"))
    scenario.later(20)
    expired = scenario.offer(add(scenario, buyers[1], "INV-9004", "900"))
    scenario.pay(funded, "1500")
    scenario.later(10)
    offers.expire(offer=expired, at=scenario.now)
    collected = scenario.funded(add(scenario, buyers[1], "INV-9005", "2500"))
    scenario.later(9)
    scenario.pay(collected, "2600")
    dispute = scenario.funded(add(scenario, buyers[2], "INV-9011", "1200"))
    cases.open_dispute(advance=dispute, by=scenario.operations, at=scenario.now, reason="Two bags were missing.")
    scenario.later(1)
    accepted = scenario.accepted(add(scenario, buyers[0], "INV-9006", "3000"))
    offer = scenario.offer(add(scenario, buyers[0], "INV-9007", "1800"), add(scenario, buyers[2], "INV-9008", "2200"))
    request = scenario.request(add(scenario, buyers[1], "INV-9009", "1100"))
    ready = [add(scenario, buyer, f"INV-{9100 + n}", f"{700 + 150 * n}") for n, buyer in enumerate(buyers)]
    made = Lifecycle(
        scenario=scenario,
        ready=ready,
        todo=add(scenario, buyers[0], "INV-9200", "9000"),
        not_now=add(scenario, buyers[0], "INV-9300", "500", payable_date=scenario.today + timedelta(days=2)),
        offer=offer,
        expired=expired,
        request=request,
        accepted=accepted,
        funded=funded,
        late=late,
        collected=Advance.objects.get(pk=collected.pk),
        settled=settled,
    )
    recalculation.recalculate(supplier_id=scenario.supplier.pk, at=scenario.now)
    return made


def add(scenario: Scenario, buyer: Buyer, number: str, face: str, **given: object) -> Invoice:
    return scenario.invoice(
        buyer, face=face, invoice_no=number, search_text=normalize(f"{number} {buyer.name}"), **given
    )
