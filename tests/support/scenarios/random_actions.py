"""Random actions on requests, offers, advances and payments, with random rows and amounts."""

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from infactor.financing import payouts, scheduled_transitions
from infactor.financing.accounting import balances
from infactor.financing.advances import cases, funding, repurchases, settlements, short_payments, write_offs
from infactor.financing.collections import payments
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.models import Advance, Case, Collection, Offer, RequestLine
from infactor.financing.origination import acceptance, offers, requests
from infactor.financing.policy import limits
from infactor.financing.pricing import disclosure
from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus
from infactor.ledger.models import Purpose
from tests.support.scenarios.random_attempts import ALMOST_ALWAYS
from tests.support.scenarios.random_closings import RandomClosings
from tests.support.scenarios.random_money_out import RandomMoneyOut
from tests.support.scenarios.random_statements import RandomStatements
from tests.support.scenarios.two_suppliers import CURRENCIES

CENT = Decimal("0.01")
MOSTLY = 0.75


class Acts(RandomMoneyOut, RandomClosings, RandomStatements):
    """Each method tries one random action with the generator `r`, and checks all invariants after it."""

    def sell(self, r: Random) -> None:
        """Request, offer, accept and fund, as far as nothing stops it."""
        for act in (Acts.ask, Acts.offer, Acts.accept, Acts.fund):
            act(self, r)

    def ask(self, r: Random) -> None:
        suppliers, buyer = self.suppliers, r.choice(self.suppliers.buyers)
        scenario = suppliers.scenario_of(buyer.supplier_id)
        currency = r.choice([CURRENCIES[0], *CURRENCIES])
        sold = []
        for _ in range(r.choice([1, 1, 2, 3])):
            face = 100 + self.money(r, 1500)
            tax = f"{face / 10:.2f}" if r.random() < 0.5 else "0"
            sold.append(scenario.invoice(buyer, face=f"{face}", tax=tax, currency=currency))
        asks = {"supplier": scenario.supplier, "invoices": sold, "by": scenario.owner, "at": suppliers.now}
        self.tries(f"ask for {sold}", lambda: requests.submit(**asks))

    def ask_again(self, r: Random) -> None:
        rows = Invoice.objects.filter(balance__gt=0)
        if invoice := self.one(r, rows, state__in=["ifactor_rejected", "ifactor_proposal_rejected", "invoice_created"]):
            scenario = self.suppliers.scenario_of(invoice.supplier_id)
            asks = {
                "supplier": scenario.supplier,
                "invoices": [invoice],
                "by": scenario.owner,
                "at": self.suppliers.now,
            }
            self.tries(f"ask again for {invoice}", lambda: requests.submit(**asks))

    def answer_a_request(self, r: Random) -> None:
        if line := self.one(r, RequestLine.objects.all(), status="waiting"):
            staff, owner = self.suppliers.staff.underwriter, self.suppliers.scenario_of(line.supplier_id).owner
            now = self.suppliers.now
            if r.random() < 0.5:
                self.tries(f"refuse {line}", lambda: requests.refuse(line=line, by=staff, at=now, reason="No"))
            else:
                self.tries(f"withdraw {line}", lambda: requests.withdraw(line=line, by=owner, at=now))

    def offer(self, r: Random) -> None:
        if line := self.one(r, RequestLine.objects.select_related("request"), status="waiting"):
            lines = None if r.random() < MOSTLY else [line]
            given: Any = {"by": self.suppliers.staff.underwriter, "at": self.suppliers.now, "lines": lines}
            self.tries(f"offer for {line}", lambda: offers.create(request=line.request, **given))

    def accept(self, r: Random) -> None:
        offer = self.one(r, Offer.objects.all(), status="proposed")
        if offer is None:
            return
        if r.random() < 0.2:  # something changes between the offer and the answer
            r.choice([self.set_limit, self.set_limit, self.change_books])(r)
        scenario = self.suppliers.scenario_of(offer.supplier_id)
        lines = list(offer.lines.select_related("invoice").order_by("pk"))
        chosen = lines if r.random() < MOSTLY else r.sample(lines, r.randint(1, len(lines)))
        chosen.sort(key=lambda line: line.pk)
        shown = disclosure.disclosure_digest(
            disclosure.offer_disclosure(offer=offer, lines=chosen, today=scenario.today)
        )
        accepted: list[Advance] = []
        given: Any = {"by": scenario.owner, "at": self.suppliers.now, "disclosure_digest": shown, "lines": chosen}
        if self.tries(f"accept {chosen}", lambda: accepted.extend(acceptance.accept(offer=offer, **given))):
            self.suppliers.assert_acceptable(accepted)

    def answer_an_offer(self, r: Random) -> None:
        if offer := self.one(r, Offer.objects.all(), status="proposed"):
            staff, owner = self.suppliers.staff.underwriter, self.suppliers.scenario_of(offer.supplier_id).owner
            now = self.suppliers.now
            if r.random() < 0.5:
                self.tries(f"withdraw {offer}", lambda: offers.withdraw(offer=offer, by=staff, at=now, reason="No"))
            else:
                self.tries(f"decline {offer}", lambda: offers.decline(offer=offer, by=owner, at=now))

    def fund(self, r: Random) -> None:
        if advance := self.one(r, Advance.objects.all(), status="accepted"):
            given = self.by_staff() | {
                "value_date": self.suppliers.staff.today - timedelta(days=r.choice([0, 0, 0, 1, 5]))
            }
            if self.tries(f"fund {advance}", lambda: funding.fund(advance=advance, **given)):
                self.suppliers.assert_open(advance)

    def cancel(self, r: Random) -> None:
        if advance := self.one(r, Advance.objects.all(), status="accepted"):
            who = r.choice([self.suppliers.staff.operations, self.suppliers.scenario_of(advance.supplier_id).owner])
            given: Any = {"by": who, "at": self.suppliers.now, "reason": "No"}
            self.tries(f"cancel {advance}", lambda: funding.cancel(advance=advance, **given))

    def pay(self, r: Random) -> None:
        if advance := self.one(r, Advance.objects.all(), status__in=["funded", "collected", "written_off"]):
            share = r.choice(["0.3", "0.5", "1", "1", "1", "1.2"])
            amount = max((advance.face * Decimal(share)).quantize(CENT), CENT)
            if r.random() < 0.5:
                amount = max(balances.outstanding(advance=advance).receivable, CENT)
            day = self.suppliers.staff.today - timedelta(days=r.choice([0, 0, 1, 9]))
            currency = advance.currency if r.random() < ALMOST_ALWAYS else r.choice(CURRENCIES)
            given: Any = {"currency": currency, "value_date": day}
            self.tries(f"pay {amount} of {advance}", lambda: self.suppliers.staff.pay(advance, f"{amount}", **given))

    def arrive(self, r: Random) -> None:
        supplier, currency, amount = (
            r.choice(self.suppliers.scenarios).supplier,
            r.choice(CURRENCIES),
            self.money(r, 2000),
        )
        owed = balances.supplier_balance(purpose=Purpose.DUE_FROM_SUPPLIER, supplier_id=supplier.pk, currency=currency)
        due = AllocationTarget(owed or amount, supplier=supplier, is_due=True)
        targets = r.choice([[], [], [AllocationTarget(amount, supplier=supplier)], [due], [due], [due, due]])
        whole = sum((target.amount for target in targets), Decimal(0)) or amount
        self.tries(
            f"{whole} {currency} arrive for {targets}",
            lambda: self.suppliers.staff.arrive(f"{whole}", targets=targets, currency=currency),
        )

    def match(self, r: Random) -> None:
        waiting = [one for one in Collection.objects.order_by("pk") if payments.unallocated(collection=one)]
        if payment := r.choice(waiting) if waiting else self.one(r, Collection.objects.all()):
            advances = Advance.objects.filter(currency=payment.currency)
            advance = self.one(r, advances, status="funded") if r.random() < MOSTLY else None
            free = payments.unallocated(collection=payment)
            amount = free if free and r.random() < 0.5 else self.money(r, int(free) + 1)
            supplier = None if advance else r.choice(self.suppliers.scenarios).supplier
            target = AllocationTarget(amount, advance=advance, supplier=supplier, is_due=r.random() < 0.5)
            given: Any = {"by": self.suppliers.staff.operations, "at": self.suppliers.now}
            self.tries(
                f"match {amount} of {payment} to {target}",
                lambda: payments.allocate(collection=payment, targets=[target], **given),
            )

    def settle(self, r: Random) -> None:
        if advance := self.one(r, Advance.objects.all(), status__in=["collected", "closed_short"]):
            disputed = Case.objects.filter(advance=advance, kind=Case.Kind.DISPUTE, closed_at=None).exists()
            done = self.tries(f"settle {advance}", lambda: settlements.settle(advance=advance, **self.by_staff()))
            assert not (done and disputed), advance

    def end(self, r: Random) -> None:
        if advance := self.one(r, Advance.objects.all(), status="funded"):
            given = self.by_staff()
            if r.random() < 0.5:
                act = lambda: repurchases.repurchase(advance=advance, reason="Recourse", **given)  # noqa: E731
            else:
                act = lambda: write_offs.write_off(advance=advance, reason="Insolvent", **given)  # noqa: E731
            self.tries(f"end {advance} unpaid", act)

    def allow_short(self, r: Random) -> None:
        if advance := self.one(r, Advance.objects.all(), status="funded"):
            left = balances.outstanding(advance=advance).receivable
            amount = r.choice([self.money(r, 300), left, left / 2]).quantize(CENT)
            self.tries(
                f"{amount} of {advance} are short",
                lambda: short_payments.accept_short_payment(
                    advance=advance,
                    amount=amount,
                    reason="A credit",
                    approver=self.suppliers.staff.underwriter,
                    **self.by_staff(),
                ),
            )

    def remit(self, r: Random) -> None:
        scenario, currency = r.choice(self.suppliers.scenarios), r.choice(CURRENCIES)
        held = balances.supplier_balance(
            purpose=Purpose.PAYABLE_TO_SUPPLIER, supplier_id=scenario.supplier.pk, currency=currency
        )
        amount = held if held and r.random() < 0.5 else self.money(r, int(held) + 1)
        self.tries(
            f"pass on {amount} {currency}",
            lambda: payouts.remit(supplier=scenario.supplier, currency=currency, amount=amount, **self.by_staff()),
        )

    def dispute(self, r: Random) -> None:
        given: Any = {"by": self.suppliers.staff.operations, "at": self.suppliers.now}
        case = self.one(r, Case.objects.filter(closed_at=None))
        if case and r.random() < 0.5:
            given |= {"outcome": "rejected", "conclusion": "It is right"}
            self.tries(f"close {case}", lambda: cases.close(case=case, **given))
        elif advance := self.one(r, Advance.objects.all(), status__in=["funded", "collected"]):
            self.tries(
                f"dispute {advance}", lambda: cases.open_dispute(advance=advance, reason="Damaged goods", **given)
            )

    def change_books(self, r: Random) -> None:
        if invoice := self.one(r, Invoice.objects.filter(invoice_amount__gt=50)):
            status = r.choice([*BooksStatus])
            owed = status in (BooksStatus.OPEN, BooksStatus.PARTLY_PAID)
            balance = (invoice.invoice_amount * r.choice([1, 2]) / 2).quantize(CENT) if owed else Decimal(0)
            Invoice.objects.filter(pk=invoice.pk).update(books_status=status, balance=balance)
            if r.random() < MOSTLY:
                self.tries(f"{invoice} is {status}", lambda: scheduled_transitions.apply_due(at=self.suppliers.now))

    def wait(self, r: Random) -> None:
        days = r.choice([0, 1, 1, 3, 8, 30])
        self.suppliers.later(days)
        self.tries(f"{days} days later", lambda: scheduled_transitions.apply_due(at=self.suppliers.now))

    def set_limit(self, r: Random) -> None:
        debtor, supplier = r.choice([(True, False), (False, True), (True, True)])
        given: Any = {
            "debtor": self.suppliers.shared if debtor else None,
            "supplier": r.choice(self.suppliers.scenarios).supplier if supplier else None,
            "amount": Decimal(r.choice([500, 5000, 20_000, 50_000])),
            "currency": r.choice(CURRENCIES),
        }
        staff = self.suppliers.staff.underwriter
        self.tries(
            f"limit {given}", lambda: limits.set_limit(by=staff, at=self.suppliers.now, reason="Judged anew", **given)
        )


# The weight of each action: those that move an advance forward are tried more often than those that undo.
CHANCES = {
    Acts.sell: 9,
    Acts.wait: 2,
    Acts.ask: 3,
    Acts.ask_again: 2,
    Acts.offer: 3,
    Acts.accept: 4,
    Acts.fund: 3,
    Acts.pay: 10,
    Acts.settle: 5,
    Acts.take_back: 5,
    Acts.match: 3,
    Acts.arrive: 3,
    Acts.remit: 3,
    Acts.allow_short: 2,
    Acts.end: 3,
    Acts.send: 6,
    Acts.approve: 2,
    Acts.stop: 2,
    Acts.make_batch: 2,
    Acts.export: 2,
    Acts.withdraw: 1,
    Acts.debit: 6,
    Acts.give_back: 3,
    Acts.take_back_debit: 1,
    Acts.was_no_return: 1,
    Acts.cost_comes_back: 1,
    Acts.cancel_cost: 1,
    Acts.withdraw_payment: 2,
    Acts.prepare_again: 3,
    Acts.dispute: 2,
    Acts.unmatch: 3,
    Acts.change_payment: 3,
    Acts.refund: 2,
    Acts.take_back_closing: 4,
    Acts.take_back_short_payment: 2,
    Acts.take_back_funding: 3,
    Acts.pay_for_collecting: 1,
    Acts.cancel: 1,
    Acts.end_month: 4,
    Acts.reopen_month: 1,
    Acts.answer_a_request: 1,
    Acts.answer_an_offer: 1,
    Acts.change_books: 2,
    Acts.set_limit: 2,
    Acts.set_terms: 3,
    Acts.read_statement: 5,
    Acts.decide_a_line: 7,
    Acts.accept_certain_lines: 4,
    Acts.reopen_a_line: 2,
    Acts.record_movement: 2,
    Acts.withdraw_movement: 2,
    Acts.enter_in_watched_books: 2,
}
