"""Random moves of payouts: approved, stopped, put into batches, exported, withdrawn, debited, returned, sent again."""

from decimal import Decimal
from random import Random
from typing import Any

from infactor.banking import debits
from infactor.banking.models import StatementLine
from infactor.financing import payouts
from infactor.financing.models import CollectionCost, Payout, PayoutBatch
from infactor.financing.money_out import approval, bank_lines, batches, endings
from tests.support.scenarios.money_out import account_for, line_on
from tests.support.scenarios.random_corrections import RandomCorrections
from tests.support.scenarios.two_suppliers import CURRENCIES

CODES = ["", "R01", "R20", "R29", "AC06"]


class RandomMoneyOut(RandomCorrections):
    """Each method tries one random move with the generator `r`, and checks all invariants after it."""

    def approve(self, r: Random) -> None:
        if chosen := self.some(r, Payout.objects.all(), status="prepared"):
            who = r.choice(
                [self.suppliers.staff.approver, self.suppliers.staff.approver, self.suppliers.staff.operations]
            )
            given: Any = {"payout_ids": [one.pk for one in chosen], "by": who, "at": self.suppliers.now}
            self.tries(f"approve {chosen}", lambda: approval.approve(**given))

    def stop(self, r: Random) -> None:
        if payout := self.one(r, Payout.objects.all(), status__in=["prepared", "approved"]):
            self.tries(f"stop {payout}", lambda: endings.stop(payout=payout, reason="A mistake", **self.who()))

    def make_batch(self, r: Random) -> None:
        currency = r.choice([CURRENCIES[0], *CURRENCIES])
        rows = Payout.objects.filter(currency=currency) if r.random() < 0.9 else Payout.objects.all()
        if chosen := self.some(r, rows, status="approved", batch=None):
            account = account_for(currency, by=self.suppliers.staff.operations, at=self.suppliers.now)
            given: Any = {"payout_ids": [one.pk for one in chosen], "house_account": account, "format": "csv"}
            self.tries(f"batch of {chosen}", lambda: batches.make(**given, **self.who()))

    def export(self, r: Random) -> None:
        if batch := self.one(r, PayoutBatch.objects.all(), status="made"):
            self.tries(f"export {batch}", lambda: batches.export(batch=batch, **self.who()))

    def withdraw(self, r: Random) -> None:
        if r.random() < 0.3:
            self.reinstate(r)
            return
        if batch := self.one(r, PayoutBatch.objects.all(), status="exported"):
            self.tries(f"withdraw {batch}", lambda: batches.withdraw(batch=batch, reason="Not given", **self.who()))

    def reinstate(self, r: Random) -> None:
        if batch := self.one(r, PayoutBatch.objects.all(), status="withdrawn"):
            act = lambda: batches.reinstate(batch=batch, reason="The bank had it", **self.who())  # noqa: E731
            self.tries(f"the bank had {batch}", act)

    def send(self, r: Random) -> None:
        """Approve, batch and export, as far as nothing stops it."""
        for act in (type(self).approve, type(self).make_batch, type(self).export):
            act(self, r)

    def debit(self, r: Random) -> None:
        """A debit arrives: of a batch, of one payout or of a cost, recognised or said by a person."""
        payout = self.one(r, Payout.objects.all(), status="sent")
        cost = self.one(r, CollectionCost.objects.all(), debited_on=None) if r.random() < 0.3 else None
        item = cost or payout
        if item is None:
            return
        currency = item.advance.currency if cost else payout.currency
        account = account_for(currency, by=self.suppliers.staff.operations, at=self.suppliers.now)
        ids, amount, text = [] if cost else [payout.pk], item.amount, ""
        if not cost and payout.batch is not None and r.random() < 0.5:
            mates = Payout.objects.filter(batch=payout.batch, debited_on=None).order_by("pk")
            ids = [one.pk for one in mates] or ids
            amount = sum((one.amount for one in mates), Decimal(0)) or amount
            text = payout.batch.batch_id
        elif not cost and r.random() < 0.5:
            text = payout.end_to_end_id
        line = line_on(account, -amount, on=self.suppliers.staff.today, at=self.suppliers.now, remittance=text)
        if text and r.random() < 0.8:
            self.tries(f"{line} of {text}", lambda: debits.explain(lines=[line], by=None, at=self.suppliers.now))
            return
        given: Any = {"line": line, "payout_ids": ids, "cost_ids": [cost.pk] if cost else []}
        self.tries(f"{line} is {ids} and {cost}", lambda: bank_lines.confirm(**given, **self.who()))

    def give_back(self, r: Random) -> None:
        payout = self.one(r, Payout.objects.all(), status__in=["confirmed", "sent"])
        if payout is None:
            return
        line = None
        if payout.debited_on is not None or r.random() < 0.2:
            account = account_for(payout.currency, by=self.suppliers.staff.operations, at=self.suppliers.now)
            line = line_on(account, payout.amount, on=self.suppliers.staff.today, at=self.suppliers.now)
        day = self.suppliers.staff.today
        given: Any = {"payout": payout, "line": line, "code": r.choice(CODES), "reason": "No", "value_date": day}
        self.tries(f"{payout} comes back", lambda: endings.record_return(**given, **self.who()))

    def take_back_debit(self, r: Random) -> None:
        rows = StatementLine.objects.filter(status="matched", amount__lt=0)
        if line := self.one(r, rows):
            given: Any = {"line": line, "reason": "Another one"}
            self.tries(f"take {line} back", lambda: bank_lines.take_back(**given, **self.who()))

    def prepare_again(self, r: Random) -> None:
        if payout := self.one(r, Payout.objects.all(), status__in=["returned", "stopped"]):
            if r.random() < 0.3:
                self.tries(f"put {payout} back", lambda: payouts.put_back(payout=payout, reason="No", **self.who()))
            nets: Any = {"with_netting": r.choice([None, None, None, True, False])}
            self.tries(f"prepare {payout} again", lambda: payouts.resend(payout=payout, **nets, **self.by_staff()))

    def some(self, r: Random, rows: Any, **likely: Any) -> list[Any]:
        found = list(rows.filter(**likely).order_by("pk")) or list(rows.order_by("pk"))
        return r.sample(found, r.randint(1, min(len(found), 4))) if found else []

    def who(self) -> Any:
        return {"by": self.suppliers.staff.operations, "at": self.suppliers.now}
