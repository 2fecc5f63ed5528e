"""Random corrections of payments and advances, with random rows, days and amounts."""

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from infactor.financing.advances import collection_costs
from infactor.financing.collections import payments
from infactor.financing.corrections import advance_corrections, payment_corrections, refunds
from infactor.financing.models import Advance, Collection, CollectionAllocation, Refund
from tests.support.scenarios.random_attempts import RandomAttempts

CENT = Decimal("0.01")
MOSTLY = 0.75


class RandomCorrections(RandomAttempts):
    """Each method tries one random return or correction with the generator `r`, and checks all invariants after it."""

    def take_back(self, r: Random) -> None:
        status = r.choice(["collected", "collected", "settled", "repurchased", "written_off", "funded"])
        matched = CollectionAllocation.objects.filter(kind="advance", reversed_at=None, advance__status=status).values(
            "collection"
        )
        rows = Collection.objects.filter(pk__in=matched) if r.random() < MOSTLY else Collection.objects.all()
        if payment := self.one(r, rows, returned_on=None):
            given = self.by_staff()
            self.tries(
                f"take back {payment}",
                lambda: payments.record_return(collection=payment, reason="No funds", **given),
            )

    def unmatch(self, r: Random) -> None:
        if payment := self.payment(r):
            rows = CollectionAllocation.objects.filter(collection=payment, reversed_at=None).order_by("pk")
            parts = [one.pk for one in rows] or [0]
            chosen = parts if r.random() < 0.5 else [r.choice(parts)]
            self.tries(
                f"unmatch {chosen} of {payment}",
                lambda: payment_corrections.unmatch(collection=payment, allocation_ids=chosen, **self.why()),
            )

    def change_payment(self, r: Random) -> None:
        if payment := self.payment(r):
            if r.random() < 0.5:
                day = payment.value_date + timedelta(days=r.choice([-20, -3, -1, 1, 5]))
                act = lambda: payment_corrections.change_value_date(  # noqa: E731
                    collection=payment, value_date=day, **self.why()
                )
                self.tries(f"{payment} came on {day}", act)
                return
            amount = r.choice([payment.amount * 2, payment.amount / 2, payment.amount + CENT]).quantize(CENT)
            act = lambda: payment_corrections.change_amount(  # noqa: E731
                collection=payment, amount=amount, **self.why()
            )
            self.tries(f"{payment} was {amount}", act)

    def refund(self, r: Random) -> None:
        sent = self.one(r, Refund.objects.filter(failed_on=None))
        day: Any = {"value_date": self.suppliers.staff.today}
        if sent and r.random() < 0.5:
            self.tries(f"{sent} comes back", lambda: refunds.record_failure(refund=sent, **day, **self.why()))
        elif payment := self.payment(r):
            left = payments.unallocated(collection=payment)
            amount = left if left and r.random() < 0.7 else self.money(r, int(left) + 1)
            self.tries(
                f"refund {amount} of {payment}",
                lambda: refunds.refund(collection=payment, amount=amount, payee="Its payer", **day, **self.why()),
            )

    def take_back_closing(self, r: Random) -> None:
        likely = r.choice(["settled", "repurchased", "written_off"])
        if advance := self.one(r, Advance.objects.all(), status=likely):
            self.tries(
                f"take back what ended {advance}",
                lambda: advance_corrections.take_back_closing(advance=advance, **self.why()),
            )

    def take_back_short_payment(self, r: Random) -> None:
        if advance := self.one(r, Advance.objects.all(), status="closed_short"):
            found = advance_corrections.accepted_short_payments(advance=advance)
            reference = r.choice(found).reference if found else "advance:0:short:1"
            self.tries(
                f"take back {reference}",
                lambda: advance_corrections.take_back_short_payment(advance=advance, reference=reference, **self.why()),
            )

    def pay_for_collecting(self, r: Random) -> None:
        if advance := self.one(r, Advance.objects.all(), status="written_off"):
            given: Any = {"amount": self.money(r, 90), "payee": "A lawyer", "value_date": self.suppliers.staff.today}
            self.tries(
                f"{given['amount']} for collecting {advance}",
                lambda: collection_costs.record(advance=advance, **given, **self.why()),
            )

    def payment(self, r: Random) -> Any:
        return self.one(r, Collection.objects.all(), returned_on=None)

    def why(self) -> Any:
        """Who corrects it, when, and why."""
        return {"by": self.suppliers.staff.operations, "at": self.suppliers.now, "reason": "Typed wrong"}
