"""The plots of random histories: what happens to one funded invoice, innocently or not."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from random import Random

from infactor.financing.advances import short_payments
from infactor.financing.collections import payments
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.models import Advance, Collection
from tests.support.scenarios.financing import Scenario
from tests.support.scenarios.supplier_books import SupplierBooks

CENT = Decimal("0.01")
Step = Callable[[], object]


@dataclass
class Plot:
    """What happens to one advance, or to two of one buyer and amount. `cases` deserve to be open at the end."""

    name: str
    advance: Advance
    twin: Advance | None = None
    cases: int = 1
    steps: list[tuple[int, Step]] = field(default_factory=list)

    @property
    def other(self) -> Advance:
        """The twin of a plot that has one."""
        return self.twin or self.advance


class Plots:
    """A method for each plot, which gives it its steps from a day on."""

    r: Random
    scenario: Scenario
    books: SupplierBooks

    # What infactor and the supplier do with the same money.

    def _ours(self, advance: Advance, amount: Decimal) -> Step:
        return lambda: self.scenario.pay(advance, f"{amount}")

    def _theirs(self, advance: Advance, amount: Decimal, *, is_own: bool = False) -> Step:
        return lambda: self.books.pay(advance.invoice, amount=f"{amount}", is_own=is_own)

    def _parts(self, total: Decimal, number: int) -> list[Decimal]:
        parts = [(total * self.r.randint(15, 30) / 100).quantize(CENT) for _ in range(number - 1)]
        return [*parts, total - sum(parts, Decimal(0))]

    def _lag(self) -> int:
        return self.r.randint(0, 8)

    def _booked_as_ours(self, plot: Plot, day: int) -> None:
        face = plot.advance.face
        cents = Decimal(self.r.randint(0, 100)) / 100
        plot.steps = [
            (day, self._ours(plot.advance, face - cents)),
            (day + self._lag(), self._theirs(plot.advance, face)),
        ]

    def _booked_in_parts_as_ours(self, plot: Plot, day: int) -> None:
        for part in self._parts(plot.advance.face, self.r.randint(2, 3)):
            plot.steps += [(day, self._ours(plot.advance, part)), (day + self._lag(), self._theirs(plot.advance, part))]
            day += self.r.randint(0, 12)

    def _split_in_the_books(self, plot: Plot, day: int) -> None:
        plot.steps = [(day, self._ours(plot.advance, plot.advance.face - 1))]
        later = day + 1 + self._lag()
        parts = self._parts(plot.advance.face - 1, 2)

        def both() -> None:
            for part in parts:
                self._theirs(plot.advance, part)()

        plot.steps.append((later, both))

    def _joined_in_the_books(self, plot: Plot, day: int) -> None:
        first, second = self._parts(plot.advance.face - 5, 2)
        plot.steps = [(day, self._ours(plot.advance, first)), (day + 1, self._ours(plot.advance, second))]
        plot.steps.append((day + 2 + self._lag() // 2, self._theirs(plot.advance, first + second)))

    def _written_back(self, plot: Plot, day: int) -> None:
        part = self._parts(plot.advance.face, 2)[0]
        plot.steps = [(day, self._ours(plot.advance, part)), (day + 15, self._theirs(plot.advance, part, is_own=True))]

    def _waiting_to_be_matched(self, plot: Plot, day: int) -> None:
        amount, arrived = plot.advance.face - 2, []
        plot.steps = [
            (day, lambda: arrived.append(self.scenario.pay(None, f"{amount}"))),
            (day + 1, self._theirs(plot.advance, amount)),
            (day + 6, lambda: self._match(arrived, plot.advance, amount)),
        ]

    def _match(self, arrived: list[Collection], advance: Advance, amount: Decimal) -> None:
        payments.allocate(
            collection=arrived[0],
            targets=[AllocationTarget(amount, advance=advance)],
            by=self.scenario.operations,
            at=self.scenario.now,
        )

    def _paid_too_much(self, plot: Plot, day: int) -> None:
        face = plot.advance.face
        plot.steps = [
            (day, self._ours(plot.advance, face + 40)),
            (day + self._lag(), lambda: self.books.pay(plot.advance.invoice, amount=f"{face}", unapplied="40")),
        ]

    def _booked_before_ours_came(self, plot: Plot, day: int) -> None:
        part = self._parts(plot.advance.face, 2)[1]
        plot.steps = [
            (day, self._theirs(plot.advance, part)),
            (day + self.r.randint(1, 4), self._ours(plot.advance, part)),
        ]

    def _short_payment_and_credit_memo(self, plot: Plot, day: int) -> None:
        amount = Decimal(self.r.randint(5, 40))
        plot.steps = [
            (
                day,
                lambda: short_payments.accept_short_payment(
                    advance=Advance.objects.get(pk=plot.advance.pk),
                    amount=amount,
                    value_date=self.scenario.today,
                    by=self.scenario.operations,
                    at=self.scenario.now,
                    reason="Broken",
                ),
            ),
            (day + self._lag(), lambda: self.books.pay(plot.advance.invoice, amount=f"{amount}", kind="CreditMemo")),
        ]

    def _edits_that_do_not_matter(self, plot: Plot, day: int) -> None:
        plot.steps = [
            (day, lambda: self.books.edit(plot.advance.invoice, private_note="Called them")),
            (day + 3, lambda: self.books.edit(plot.advance.invoice, company_email="other@buyer.example")),
            (day + 5, lambda: self.books.edit(plot.advance.invoice)),
        ]

    def _corrected_entry(self, plot: Plot, day: int) -> None:
        part, made = self._parts(plot.advance.face, 2)[1], []
        plot.steps = [
            (day, self._ours(plot.advance, part)),
            (day + 2, lambda: made.append(self._theirs(plot.advance, part)())),
            (day + 3, lambda: self.books.delete_payment(str(made[0]))),
            (day + 4, self._theirs(plot.advance, part)),
        ]

    # What deserves an alarm.

    def _paid_to_the_supplier(self, plot: Plot, day: int) -> None:
        plot.steps = [(day, self._theirs(plot.advance, plot.advance.face))]

    def _part_to_each(self, plot: Plot, day: int) -> None:
        ours, theirs = self._parts(plot.advance.face, 2)
        plot.steps = [
            (day, self._ours(plot.advance, ours)),
            (day + 1, self._theirs(plot.advance, ours)),
            (day + 2, self._theirs(plot.advance, theirs)),
        ]

    def _paid_long_after_ours(self, plot: Plot, day: int) -> None:
        part = self._parts(plot.advance.face, 3)[0]
        plot.steps = [(day, self._ours(plot.advance, part)), (day + 11 + self._lag(), self._theirs(plot.advance, part))]

    def _parked_on_no_invoice(self, plot: Plot, day: int) -> None:
        amount = f"{plot.advance.face}"
        plot.steps = [(day, lambda: self.books.receive_unapplied(plot.advance.buyer, amount=amount))]

    def _paid_and_deleted(self, plot: Plot, day: int) -> None:
        plot.steps = [
            (day, self._theirs(plot.advance, plot.advance.face)),
            (day + 1, lambda: self.books.delete(plot.advance.invoice)),
        ]

    def _cut(self, plot: Plot, day: int) -> None:
        lower = plot.advance.face - self.r.choice([Decimal("0.01"), Decimal(5), Decimal(400)])
        plot.steps = [(day, lambda: self.books.edit(plot.advance.invoice, invoice_amount=lower, balance=lower))]

    def _voided(self, plot: Plot, day: int) -> None:
        plot.steps = [(day, lambda: self.books.void(plot.advance.invoice))]

    def _moved_to_another_customer(self, plot: Plot, day: int) -> None:
        name = f"Other {plot.advance.pk}"
        plot.steps = [
            (
                day,
                lambda: self.books.edit(plot.advance.invoice, customer_reference=self.books.customer(name).reference),
            )
        ]

    def _due_later(self, plot: Plot, day: int) -> None:
        due = plot.advance.recourse_on + timedelta(days=30)
        plot.steps = [(day, lambda: self.books.edit(plot.advance.invoice, payable_date=due))]

    def _credited(self, plot: Plot, day: int) -> None:
        kind = self.r.choice(["CreditMemo", "JournalEntry", "Deposit", "Check"])
        amount = f"{self.r.randint(1, 400)}"
        plot.steps = [(day, lambda: self.books.pay(plot.advance.invoice, amount=amount, kind=kind))]


INNOCENT = (
    "booked as ours",
    "booked in parts as ours",
    "split in the books",
    "joined in the books",
    "written back",
    "waiting to be matched",
    "paid too much",
    "booked before ours came",
    "short payment and credit memo",
    "edits that do not matter",
    "corrected entry",
)
GUILTY = (
    "paid to the supplier",
    "part to each",
    "paid long after ours",
    "parked on no invoice",
    "paid and deleted",
    "cut",
    "voided",
    "moved to another customer",
    "due later",
    "credited",
)
