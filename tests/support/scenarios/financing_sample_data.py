"""Sample data of financing: an advance of each status, a request, an offer, and a balance on every account."""

from dataclasses import dataclass
from decimal import Decimal

from infactor.financing import payouts
from infactor.financing.advances import funding, repurchases, short_payments, write_offs
from infactor.financing.models import Advance, Collection, Offer, Payout
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario, build_scenario


@dataclass
class SampleData:
    """An advance of each status, a request, an offer, and a balance on every account."""

    scenario: Scenario
    of: dict[str, Advance]
    waiting: Collection
    failed: Payout
    offer: Offer
    request: int

    def ids(self) -> dict[str, int]:
        """The ids that the statements below use."""
        return {
            **{name: one.pk for name, one in self.of.items()},
            **{f"{name}_invoice": one.invoice_id for name, one in self.of.items()},
            "waiting": self.waiting.pk,
            "failed_payout": self.failed.pk,
            "offer": self.offer.pk,
            "accepted_offer": self.of["accepted"].offer_line.offer_id,
            "request": self.request,
            "supplier": self.scenario.supplier.pk,
        }


def create_sample_data() -> SampleData:
    scenario = build_scenario()
    scenario.terms()
    buyer = scenario.buyer()
    of = {
        "accepted": scenario.accepted(scenario.invoice(buyer)),
        "cancelled": scenario.accepted(scenario.invoice(buyer)),
    }
    funding.cancel(advance=of["cancelled"], by=scenario.owner, at=scenario.now, reason="Not needed")
    funded = ("funded", "collected", "settled", "repurchased", "written_off")
    of |= {name: scenario.funded(scenario.invoice(buyer)) for name in funded}
    of["dollars"] = scenario.funded(scenario.invoice(buyer))
    scenario.later(30)
    staff = {"value_date": scenario.today, "by": scenario.operations, "at": scenario.now}
    scenario.pay(of["funded"], "400")
    scenario.pay(of["collected"], "1000")
    scenario.pay(of["dollars"], "1300")  # 300 too much
    short_payments.accept_short_payment(advance=of["settled"], amount=Decimal(20), reason="A credit memo", **staff)
    scenario.pay(of["settled"], "980")
    scenario.settle(Advance.objects.get(pk=of["settled"].pk))
    for name in ("repurchased", "written_off"):
        money_out.leave(scenario, of[name])
    repurchases.repurchase(advance=of["repurchased"], reason="Disputed", **staff)
    write_offs.write_off(advance=of["written_off"], reason="Insolvent", **staff)
    scenario.pay(of["written_off"], "15")
    payouts.remit(supplier=scenario.supplier, currency="USD", amount=Decimal(120), with_netting=False, **staff)
    waiting = scenario.pay(None, "77")
    payout = Payout.objects.get(advance=of["funded"])
    failed = money_out.fail(scenario, payout)
    offer = scenario.offer(scenario.invoice(buyer))
    request = scenario.request(scenario.invoice(buyer))
    of = {name: Advance.objects.select_related("offer_line").get(pk=one.pk) for name, one in of.items()}
    return SampleData(scenario, of, waiting, failed, offer, request.pk)
