"""Random corrections of payments and advances, with random rows, days and amounts."""

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.db.models import Q

from infactor.banking.models import StatementLine
from infactor.financing.advances import collection_costs
from infactor.financing.collections import payments
from infactor.financing.corrections import (
    advance_corrections,
    cost_corrections,
    fundings,
    payment_corrections,
    returned_payouts,
)
from infactor.financing.models import Advance, Collection, CollectionAllocation, CollectionCost, Payout
from tests.support.scenarios import money_out
from tests.support.scenarios.money_out import account_for, line_on, refund
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

    def withdraw_payment(self, r: Random) -> None:
        if payment := self.payment(r):
            self.tries(f"{payment} was none", lambda: payment_corrections.withdraw(collection=payment, **self.why()))

    def cancel_cost(self, r: Random) -> None:
        if cost := self.one(r, CollectionCost.objects.all(), debited_on=None):
            self.tries(f"{cost} is not paid", lambda: cost_corrections.cancel(cost=cost, **self.why()))

    def cost_comes_back(self, r: Random) -> None:
        if cost := self.one(r, CollectionCost.objects.all(), debited_on__isnull=False):
            staff = self.suppliers.staff
            account = account_for(cost.advance.currency, by=staff.operations, at=self.suppliers.now)
            line = line_on(account, cost.amount, on=staff.today, at=self.suppliers.now)
            act = lambda: cost_corrections.record_return(cost=cost, line=line, **self.why())  # noqa: E731
            self.tries(f"{cost} comes back", act)

    def was_no_return(self, r: Random) -> None:
        rows = StatementLine.objects.filter(Q(credited_payout__isnull=False) | Q(credited_cost__isnull=False))
        if line := self.one(r, rows):
            of_cost = CollectionCost.objects.filter(credit_line=line).exists()
            take_back = cost_corrections.take_back_return if of_cost else returned_payouts.take_back
            self.tries(f"{line} was no return", lambda: take_back(line=line, **self.why()))

    def refund(self, r: Random) -> None:
        day: Any = {"value_date": self.suppliers.staff.today}
        if payment := self.payment(r):
            left = payments.unallocated(collection=payment)
            amount = left if left and r.random() < 0.7 else self.money(r, int(left) + 1)
            self.tries(
                f"refund {amount} of {payment}",
                lambda: refund(payment, amount, **day, **self.why()),
            )

    def take_back_closing(self, r: Random) -> None:
        likely = r.choice(["settled", "repurchased", "written_off"])
        if advance := self.one(r, Advance.objects.all(), status=likely):
            self.tries(
                f"take back what ended {advance}",
                lambda: advance_corrections.take_back_closing(advance=advance, **self.why()),
            )

    def take_back_funding(self, r: Random) -> None:
        """The money of an advance never left, or it did: then this is refused."""
        waiting = Payout.objects.filter(purpose="advance", status__in=["prepared", "approved", "stopped", "returned"])
        rows = Advance.objects.filter(payouts__in=waiting) if r.random() < MOSTLY else Advance.objects.all()
        if advance := self.one(r, rows.distinct(), status="funded"):
            self.tries(f"take back the funding of {advance}", lambda: fundings.take_back(advance=advance, **self.why()))

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
            given: Any = {
                "amount": self.money(r, 90),
                "payee": money_out.payee(**self.who()),
                "value_date": self.suppliers.staff.today,
            }
            self.tries(
                f"{given['amount']} for collecting {advance}",
                lambda: collection_costs.record(advance=advance, **given, **self.why()),
            )

    def payment(self, r: Random) -> Any:
        return self.one(r, Collection.objects.all(), returned_on=None)

    def why(self) -> Any:
        """Who corrects it, when, and why."""
        return {**self.who(), "reason": "Typed wrong"}

    def who(self) -> Any:
        return {"by": self.suppliers.staff.operations, "at": self.suppliers.now}
