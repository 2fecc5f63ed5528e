"""Plots of two invoices of one buyer and one amount: nobody can say by the amount which of them a payment means."""

from collections.abc import Callable
from decimal import Decimal
from random import Random

from infactor.financing.advances import short_payments
from infactor.financing.collections import payments
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.models import Advance, Collection
from infactor.invoices.debtors import grouping
from tests.support.scenarios.books_plots import Plot, Step
from tests.support.scenarios.financing import Scenario
from tests.support.scenarios.money_out import refund as refund_payment
from tests.support.scenarios.supplier_books import SupplierBooks


class TwinPlots:
    """A method for each plot of the advance and of its twin."""

    r: Random
    scenario: Scenario
    books: SupplierBooks
    _ours: Callable[[Advance, Decimal], Step]
    _theirs: Callable[..., Step]
    _lag: Callable[[], int]

    def _received_for_both(self, plot: Plot) -> Step:
        def arrive() -> None:
            face = plot.advance.face
            targets = [AllocationTarget(face, advance=one) for one in (plot.advance, plot.other)]
            self.scenario.arrive(f"{face * 2}", targets=targets)

        return arrive

    def _waiting(self, amount: Decimal, arrived: list[Collection], currency: str = "USD") -> Step:
        return lambda: arrived.append(self.scenario.pay(None, f"{amount}", currency=currency))

    def _match_each(self, arrived: list[Collection], *advances: Advance) -> Step:
        def match() -> None:
            of_each = [advances] if len(arrived) == 1 else [(one,) for one in advances]
            for collection, some in zip(arrived, of_each, strict=True):
                payments.allocate(
                    collection=collection,
                    targets=[AllocationTarget(one.face, advance=one) for one in some],
                    by=self.scenario.operations,
                    at=self.scenario.now,
                )

        return match

    def _parked(self, plot: Plot, amount: Decimal) -> Step:
        return lambda: self.books.receive_unapplied(plot.advance.buyer, amount=f"{amount}")

    # Innocent.

    def _both_paid_and_booked(self, plot: Plot, day: int) -> None:
        for one in self.r.sample([plot.advance, plot.other], 2):
            plot.steps += [(day, self._ours(one, one.face)), (day + self._lag(), self._theirs(one, one.face))]

    def _one_transfer_for_both(self, plot: Plot, day: int) -> None:
        face = plot.advance.face
        shares = ((plot.advance.invoice, face), (plot.other.invoice, face))
        plot.steps = [
            (day, self._received_for_both(plot)),
            (day + self._lag(), lambda: self.books.pay_each(*shares)),
        ]

    def _one_transfer_waiting_for_both(self, plot: Plot, day: int) -> None:
        face, arrived = plot.advance.face, list[Collection]()
        plot.steps = [
            (day, self._waiting(face * 2, arrived)),
            (day + 1, self._one_after_the_other(plot)),
            (day + 4, self._match_each(arrived, plot.advance, plot.other)),
        ]

    def _one_after_the_other(self, plot: Plot) -> Step:
        def book() -> None:
            for one in (plot.advance, plot.other):
                self._theirs(one, one.face)()

        return book

    def _booked_one_by_one_while_it_waits(self, plot: Plot, day: int) -> None:
        face, arrived = plot.advance.face, list[Collection]()
        plot.steps = [
            (day, self._waiting(face * 2, arrived)),
            (day + 1, self._theirs(plot.advance, face)),
            (day + 2, self._theirs(plot.other, face)),
            (day + 4, self._match_each(arrived, plot.advance, plot.other)),
        ]

    def _booked_as_one_while_it_waits(self, plot: Plot, day: int) -> None:
        face, arrived = plot.advance.face, list[Collection]()
        shares = ((plot.advance.invoice, face), (plot.other.invoice, face))
        plot.steps = [
            (day, self._waiting(face * 2, arrived)),
            (day + 1, lambda: self.books.pay_each(*shares)),
            (day + 3, self._match_each(arrived, plot.other, plot.advance)),
        ]

    def _two_wait(self, plot: Plot, day: int) -> None:
        face, arrived = plot.advance.face, list[Collection]()
        plot.steps = [
            (day, self._waiting(face, arrived)),
            (day + 1, self._waiting(face, arrived)),
            (day + 2, self._theirs(plot.other, face)),
            (day + 3, self._theirs(plot.advance, face)),
            (day + 5, self._match_each(arrived, plot.advance, plot.other)),
        ]

    def _parked_together(self, plot: Plot, day: int) -> None:
        plot.steps = [
            (day, self._received_for_both(plot)),
            (day + self._lag(), self._parked(plot, plot.advance.face * 2)),
        ]

    def _ours_parked(self, plot: Plot, day: int) -> None:
        face = plot.advance.face
        plot.steps = [(day, self._ours(plot.advance, face)), (day + self._lag(), self._parked(plot, face))]

    def _part_of_ours_parked(self, plot: Plot, day: int) -> None:
        part = plot.advance.face - self.r.randint(20, 200)
        plot.steps = [(day, self._ours(plot.other, part)), (day + self._lag(), self._parked(plot, part))]

    def _instalments_of_one_amount(self, plot: Plot, day: int) -> None:
        part = (plot.advance.face / 3).quantize(Decimal("0.01"))
        for _ in range(2):
            for one in (plot.advance, plot.other):
                plot.steps += [(day, self._ours(one, part)), (day + self._lag(), self._theirs(one, part))]
            day += 1

    def _written_back_then_another(self, plot: Plot, day: int) -> None:
        part = (plot.advance.face / 4).quantize(Decimal("0.01"))
        plot.steps = [
            (day, self._ours(plot.advance, part)),
            (day + 1, self._theirs(plot.advance, part, is_own=True)),
            (day + 2, self._ours(plot.advance, part)),
            (day + 3, self._theirs(plot.advance, part)),
        ]

    def _accepted_discount(self, plot: Plot, day: int) -> None:
        credit = Decimal(self.r.randint(2, 30))
        money = plot.advance.face - credit

        def accept() -> None:
            short_payments.accept_short_payment(
                advance=Advance.objects.get(pk=plot.advance.pk),
                amount=credit,
                value_date=self.scenario.today,
                by=self.scenario.operations,
                at=self.scenario.now,
                reason="Discount",
            )

        plot.steps = [
            (day, self._ours(plot.advance, money)),
            (day, accept),
            (
                day + self._lag(),
                lambda: self.books.pay_less_credit(plot.advance.invoice, money=money, credit=credit),
            ),
        ]

    def _merged_customers_of_a_debtor(self, plot: Plot, day: int) -> None:
        def merge() -> None:
            kept = self.books.customer(f"Kept {plot.advance.pk}")
            grouping.join(
                buyers=[plot.advance.buyer, kept],
                debtor=None,
                name="One company",
                by=self.scenario.underwriter,
                at=self.scenario.now,
            )
            self.books.edit(plot.advance.invoice, customer_reference=kept.reference)

        plot.steps = [(day, merge)]

    def _ours_parked_when_it_is_settled(self, plot: Plot, day: int) -> None:
        face = plot.advance.face
        plot.steps = [(day, self._ours(plot.advance, face)), (day, self._settle(plot.advance))]
        plot.steps.append((day + self._lag(), self._parked(plot, face)))

    def _settle(self, advance: Advance) -> Step:
        return lambda: self.scenario.settle(Advance.objects.get(pk=advance.pk))

    # What nobody can decide, but somebody must look at: one case that says so.

    def _booked_on_the_twin(self, plot: Plot, day: int) -> None:
        face = plot.advance.face
        plot.steps = [(day, self._ours(plot.advance, face)), (day + self._lag(), self._theirs(plot.other, face))]

    def _booked_on_the_twin_of_one_settled(self, plot: Plot, day: int) -> None:
        face = plot.advance.face
        plot.steps = [(day, self._ours(plot.advance, face)), (day, self._settle(plot.advance))]
        plot.steps.append((day + self._lag(), self._theirs(plot.other, face)))

    def _one_waits_for_two(self, plot: Plot, day: int) -> None:
        face = plot.advance.face
        plot.steps = [
            (day, self._waiting(face, [])),
            (day + 1, self._theirs(plot.other, face)),
            (day + 2, self._theirs(plot.advance, face)),
        ]

    def _entered_twice(self, plot: Plot, day: int) -> None:
        part = (plot.advance.face / 4).quantize(Decimal("0.01"))
        plot.steps = [
            (day, self._ours(plot.advance, part)),
            (day + 1, self._theirs(plot.advance, part, is_own=True)),
            (day + 2, self._theirs(plot.advance, part)),
        ]

    # What deserves an alarm.

    def _twin_paid_to_the_supplier(self, plot: Plot, day: int) -> None:
        face = plot.advance.face
        plot.steps = [
            (day, self._ours(plot.advance, face)),
            (day + 1, self._theirs(plot.advance, face)),
            (day + 2, self._theirs(plot.other, face)),
        ]

    def _both_paid_to_the_supplier(self, plot: Plot, day: int) -> None:
        face, plot.cases = plot.advance.face, 2
        shares = ((plot.advance.invoice, face), (plot.other.invoice, face))
        plot.steps = [(day, lambda: self.books.pay_each(*shares))]

    def _twin_parked(self, plot: Plot, day: int) -> None:
        face = plot.advance.face
        plot.steps = [
            (day, self._ours(plot.advance, face)),
            (day + 1, self._theirs(plot.advance, face)),
            (day + 2, self._parked(plot, face)),
        ]

    def _two_parked(self, plot: Plot, day: int) -> None:
        plot.cases = 2
        plot.steps = [(day, self._parked(plot, plot.advance.face)), (day + 1, self._parked(plot, plot.advance.face))]

    def _parked_for_both(self, plot: Plot, day: int) -> None:
        plot.steps = [(day, self._parked(plot, plot.advance.face * 2))]

    def _discount_nobody_accepted(self, plot: Plot, day: int) -> None:
        credit = Decimal(self.r.randint(2, 30))
        money = plot.advance.face - credit
        plot.steps = [
            (day, self._ours(plot.advance, money)),
            (
                day + self._lag(),
                lambda: self.books.pay_less_credit(plot.advance.invoice, money=money, credit=credit),
            ),
        ]

    def _another_currency_waits(self, plot: Plot, day: int) -> None:
        face = plot.advance.face
        plot.steps = [(day, self._waiting(face, [], "EUR")), (day + 1, self._theirs(plot.advance, face))]

    def _refunded_before(self, plot: Plot, day: int) -> None:
        face, arrived = plot.advance.face, list[Collection]()

        def refund() -> None:
            refund_payment(
                arrived[0],
                face,
                value_date=self.scenario.money_day,
                by=self.scenario.operations,
                at=self.scenario.now,
                reason="Meant for somebody else",
            )

        plot.steps = [
            (day, self._waiting(face, arrived)),
            (day + 1, refund),
            (day + 3, self._theirs(plot.advance, face)),
        ]


TWIN_INNOCENT = (
    "both paid and booked", "one transfer for both", "one transfer waiting for both",
    "booked as one while it waits", "two wait", "parked together", "ours parked", "part of ours parked",
    "ours parked when it is settled", "instalments of one amount", "written back then another",
    "accepted discount", "merged customers of a debtor",
)  # fmt: skip
TWIN_EARLY = ("booked one by one while it waits",)
TWIN_ASKED = ("booked on the twin", "booked on the twin of one settled", "one waits for two", "entered twice")
TWIN_GUILTY = (
    "twin paid to the supplier", "both paid to the supplier", "twin parked", "two parked", "parked for both",
    "discount nobody accepted", "another currency waits", "refunded before",
)  # fmt: skip
