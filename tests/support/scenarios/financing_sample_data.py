"""A house with one of everything in financing: advances of each status, a request, an offer, cash everywhere."""

from dataclasses import dataclass
from decimal import Decimal

from infactor.financing import payouts
from infactor.financing.advances import funding, repurchases, short_payments, write_offs
from infactor.financing.models import Advance, Collection, Offer, Payout
from tests.support.scenarios.financing import House, build_house


@dataclass
class Furnished:
    """One of everything that can be: an advance of each status, a request, an offer, and cash in every place."""

    house: House
    of: dict[str, Advance]
    waiting: Collection
    failed: Payout
    offer: Offer
    request: int

    def ids(self) -> dict[str, int]:
        """What the statements below name."""
        return {
            **{name: one.pk for name, one in self.of.items()},
            **{f"{name}_invoice": one.invoice_id for name, one in self.of.items()},
            "waiting": self.waiting.pk,
            "failed_payout": self.failed.pk,
            "offer": self.offer.pk,
            "accepted_offer": self.of["accepted"].offer_line.offer_id,
            "request": self.request,
            "supplier": self.house.supplier.pk,
        }


def furnish() -> Furnished:
    house = build_house()
    house.terms()
    buyer = house.buyer()
    of = {"accepted": house.accepted(house.invoice(buyer)), "cancelled": house.accepted(house.invoice(buyer))}
    funding.cancel(advance=of["cancelled"], by=house.owner, at=house.now, reason="Not needed")
    funded = ("funded", "collected", "settled", "repurchased", "written_off")
    of |= {name: house.funded(house.invoice(buyer)) for name in funded}
    of["dollars"] = house.funded(house.invoice(buyer))
    house.later(30)
    staff = {"value_date": house.today, "by": house.operations, "at": house.now}
    house.pay(of["funded"], "400")
    house.pay(of["collected"], "1000")
    house.pay(of["dollars"], "1300")  # 300 too much
    short_payments.accept_short_payment(advance=of["settled"], amount=Decimal(20), reason="A credit memo", **staff)
    house.pay(of["settled"], "980")
    house.settle(Advance.objects.get(pk=of["settled"].pk))
    repurchases.repurchase(advance=of["repurchased"], reason="Disputed", **staff)
    write_offs.write_off(advance=of["written_off"], reason="Insolvent", **staff)
    house.pay(of["written_off"], "15")
    payouts.pass_on(supplier=house.supplier, currency="USD", amount=Decimal(120), **staff)
    waiting = house.pay(None, "77")
    payout = Payout.objects.get(advance=of["funded"])
    failed = payouts.fail(payout=payout, reason="Account closed", **staff)
    offer = house.offer(house.invoice(buyer))
    request = house.request(house.invoice(buyer))
    of = {name: Advance.objects.select_related("offer_line").get(pk=one.pk) for name, one in of.items()}
    return Furnished(house, of, waiting, failed, offer, request.pk)
