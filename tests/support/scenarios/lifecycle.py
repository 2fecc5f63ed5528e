"""A supplier in the middle of its life with infactor: an invoice at every stage of financing, as of now."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from infactor.financing.advances import cases
from infactor.financing.eligibility import recalculation as reckoning
from infactor.financing.models import Advance, FinancingRequest, Offer
from infactor.financing.origination import offers
from infactor.invoices.models import Buyer, Invoice
from infactor.invoices.search_text import normalize
from tests.support.scenarios.financing import House, build_house
from tests.support.scenarios.onboarding import published


@dataclass
class Midlife:
    """The house, and one row of each kind to look at."""

    house: House
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


def build(*, now: datetime, name: str = "Larkspur Coffee Roasters") -> Midlife:
    """Tell its story of eighty days up to `now`, and have everything judged."""
    published()
    house = build_house(now=now - timedelta(days=80), name=name)
    house.terms(verify_threshold=Decimal(8000))
    buyers = [house.buyer(one) for one in ("Northwind Grocers", "شركة النور", "Café <b>Ñandú</b>")]
    late = house.funded(add(house, buyers[0], "INV-9001", "4200", payable_date=house.today + timedelta(days=30)))
    settled = house.funded(add(house, buyers[1], "INV-9002", "6000"))
    house.later(40)
    house.pay(settled, "6000")
    settled = house.settle(settled)
    funded = house.funded(add(house, buyers[2], "INV-9003", "5400", tax="400"))
    house.later(20)
    expired = house.offer(add(house, buyers[1], "INV-9004", "900"))
    house.pay(funded, "1500")
    house.later(10)
    offers.expire(offer=expired, at=house.now)
    collected = house.funded(add(house, buyers[1], "INV-9005", "2500"))
    house.later(9)
    house.pay(collected, "2600")
    dispute = house.funded(add(house, buyers[2], "INV-9011", "1200"))
    cases.open_dispute(advance=dispute, by=house.operations, at=house.now, reason="Two bags were missing.")
    house.later(1)
    accepted = house.accepted(add(house, buyers[0], "INV-9006", "3000"))
    offer = house.offer(add(house, buyers[0], "INV-9007", "1800"), add(house, buyers[2], "INV-9008", "2200"))
    request = house.request(add(house, buyers[1], "INV-9009", "1100"))
    ready = [add(house, buyer, f"INV-{9100 + n}", f"{700 + 150 * n}") for n, buyer in enumerate(buyers)]
    made = Midlife(
        house=house,
        ready=ready,
        todo=add(house, buyers[0], "INV-9200", "9000"),
        not_now=add(house, buyers[0], "INV-9300", "500", payable_date=house.today + timedelta(days=2)),
        offer=offer,
        expired=expired,
        request=request,
        accepted=accepted,
        funded=funded,
        late=late,
        collected=Advance.objects.get(pk=collected.pk),
        settled=settled,
    )
    reckoning.recalculate(supplier_id=house.supplier.pk, at=house.now)
    return made


def add(house: House, buyer: Buyer, number: str, face: str, **given: object) -> Invoice:
    return house.invoice(buyer, face=face, invoice_no=number, search_text=normalize(f"{number} {buyer.name}"), **given)
