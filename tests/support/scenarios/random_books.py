"""Random histories of funded invoices: what buyers, the supplier and infactor do, and which of it deserves an alarm.

Each funded invoice has a plot, which is a list of steps on days. Innocent plots explain themselves by infactor's own
payments; the others do not. After every step the watch looks, and the history notes what alarms it raised.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from random import Random

from infactor.financing.models import Case
from infactor.financing.watch import watching
from tests.support.scenarios.books_plots import GUILTY, INNOCENT, Plot, Plots
from tests.support.scenarios.financing import Scenario, build_scenario
from tests.support.scenarios.supplier_books import SupplierBooks

WATCHED = (Case.Kind.CHANGED, Case.Kind.MISDIRECTED)
ADVANCES = 6


@dataclass
class Report:
    """Alarms by what they were: counts of funded invoices."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    invoices: int = 0
    steps: int = 0

    def note(self, seed: int, plot: str, result: str) -> None:
        self.counts[result] += 1
        if result in ("false", "missed"):
            self.wrong.append(f"seed {seed}: {plot} was {result}")

    def as_text(self) -> str:
        found = self.counts
        return "\n".join(
            (
                f"{self.invoices} funded invoices, {self.steps} steps",
                f"  {found['true']:6} alarms that were right and stay open",
                f"  {found['missed']:6} changes without an alarm",
                f"  {found['quiet']:6} innocent invoices without an alarm",
                f"  {found['early']:6} alarms that our later payment explained and closed",
                f"  {found['false']:6} alarms about what explains itself",
                *self.wrong,
            )
        )


class RandomBooks(Plots):
    """One history, from its seed."""

    def __init__(self, seed: int) -> None:
        self.seed, self.r = seed, Random(seed)
        self.scenario: Scenario = build_scenario(name=f"Supplier {seed}")
        self.scenario.terms()
        self.books = SupplierBooks(self.scenario)
        self.alarmed: set[int] = set()

    def play(self, report: Report) -> None:
        """Play the history to its end, and note each advance in `report`."""
        plots = self._plots()
        steps = sorted(
            (
                (day, place, number, step)
                for place, plot in enumerate(plots)
                for number, (day, step) in enumerate(plot.steps)
            ),
            key=lambda one: one[:3],
        )
        today = 0
        for day, _, _, step in steps:
            self.scenario.later(day - today)
            today = day
            step()
            self.scenario.now += timedelta(minutes=5)
            self._watch()
        self.scenario.later(3)
        self._watch()
        report.steps += len(steps)
        for plot in plots:
            report.invoices += 1
            report.note(self.seed, plot.name, self._outcome(plot))

    def _watch(self) -> None:
        for supplier_id in watching.suppliers_due(at=self.scenario.now, supplier_ids=[self.scenario.supplier.pk]):
            watching.watch(supplier_id=supplier_id, at=self.scenario.now)
        open_cases = Case.objects.filter(supplier=self.scenario.supplier, kind__in=WATCHED, closed_at__isnull=True)
        self.alarmed |= set(open_cases.values_list("advance_id", flat=True))

    def _outcome(self, plot: Plot) -> str:
        open_cases = Case.objects.filter(advance=plot.advance, kind__in=WATCHED, closed_at__isnull=True)
        is_open, was_raised = open_cases.exists(), plot.advance.pk in self.alarmed
        if plot.name in GUILTY:
            return "true" if is_open else "missed"
        if plot.name == "booked before ours came":
            return "false" if is_open else "early"
        return "false" if was_raised else "quiet"

    def _plots(self) -> list[Plot]:
        buyers = [self.scenario.buyer(f"Buyer {number}") for number in range(2)]
        faces = [Decimal(self.r.randint(50_000, 900_000)) / 100 for _ in range(ADVANCES)]
        if self.r.random() < 0.3:
            faces[1] = faces[0]
        # Two invoices of one amount are of two buyers: else nobody could say which of them a payment means.
        advances = [
            self.scenario.funded(self.scenario.invoice(buyers[place % 2], face=f"{face}"))
            for place, face in enumerate(faces)
        ]
        found = []
        for advance in advances:
            name = self.r.choice([*INNOCENT, *GUILTY])
            plot = Plot(name, advance)
            getattr(self, f"_{name.replace(' ', '_')}")(plot, self.r.randint(3, 40))
            found.append(plot)
        return found
