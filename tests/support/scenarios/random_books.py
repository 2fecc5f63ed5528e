"""Random histories of funded invoices: what buyers, the supplier and infactor do, and which of it deserves an alarm.

Each funded invoice has a plot, which is a list of steps on days. Innocent plots explain themselves by infactor's own
payments; the others do not. After every step the watch looks, and the history notes what alarms it raised.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from random import Random

from infactor.financing.models import Advance, Case
from infactor.financing.watch import watching
from tests.support.scenarios.books_plots import GUILTY, INNOCENT, Plot, Plots
from tests.support.scenarios.financing import Scenario, build_scenario
from tests.support.scenarios.supplier_books import SupplierBooks
from tests.support.scenarios.twin_plots import TWIN_ASKED, TWIN_EARLY, TWIN_GUILTY, TWIN_INNOCENT, TwinPlots

WATCHED = (Case.Kind.CHANGED, Case.Kind.MISDIRECTED)
ADVANCES, TWINS = 6, 3


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
                f"  {found['asked']:6} alarms that say themselves that the payment may be ours",
                f"  {found['missed']:6} changes without an alarm, or with too few or too many",
                f"  {found['quiet']:6} innocent invoices without an alarm",
                f"  {found['early']:6} alarms that our later payment explained and closed",
                f"  {found['false']:6} alarms about what explains itself",
                *self.wrong,
            )
        )


class RandomBooks(Plots, TwinPlots):
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
            report.invoices += 1 if plot.twin is None else 2
            report.note(self.seed, plot.name, self._outcome(plot))

    def _watch(self) -> None:
        for supplier_id in watching.suppliers_due(at=self.scenario.now, supplier_ids=[self.scenario.supplier.pk]):
            watching.watch(supplier_id=supplier_id, at=self.scenario.now)
        open_cases = Case.objects.filter(supplier=self.scenario.supplier, kind__in=WATCHED, closed_at__isnull=True)
        self.alarmed |= set(open_cases.values_list("advance_id", flat=True))

    def _outcome(self, plot: Plot) -> str:
        advances = [plot.advance] if plot.twin is None else [plot.advance, plot.twin]
        open_cases = list(Case.objects.filter(advance__in=advances, kind__in=WATCHED, closed_at__isnull=True))
        is_open, was_raised = bool(open_cases), any(one.pk in self.alarmed for one in advances)
        doubtful = [case for case in open_cases if all(one.get("note") for one in case.differences)]
        if plot.name in TWIN_ASKED:
            return "asked" if len(open_cases) == len(doubtful) == 1 else "missed"
        if plot.name in TWIN_GUILTY:
            return "true" if len(open_cases) == plot.cases and not doubtful else "missed"
        if plot.name in GUILTY:
            return "true" if is_open else "missed"
        if plot.name in ("booked before ours came", *TWIN_EARLY):
            return "false" if is_open else "early" if was_raised else "quiet"
        return "false" if was_raised else "quiet"

    def _plots(self) -> list[Plot]:
        buyers = [self.scenario.buyer(f"Buyer {number}") for number in range(2)]
        faces = [self._face() for _ in range(ADVANCES)]
        if self.r.random() < 0.3:
            faces[1] = faces[0]
        invoices = [self.scenario.invoice(buyers[place % 2], face=face) for place, face in enumerate(faces)]
        # Each pair of twins has a buyer of its own: what happens to another invoice would make the truth a guess.
        for number in range(TWINS):
            buyer, face = self.scenario.buyer(f"Twin {number}"), self._face()
            invoices += [self.scenario.invoice(buyer, face=face) for _ in range(2)]
        accepted = {one.invoice_id: one for one in self.scenario.accept(self.scenario.offer(*invoices))}
        advances = [self.scenario.fund(accepted[one.pk]) for one in invoices]
        found = [self._plot(advance, [*INNOCENT, *GUILTY]) for advance in advances[:ADVANCES]]
        for place in range(ADVANCES, len(advances), 2):
            pair = self.r.sample(advances[place : place + 2], 2)
            found.append(self._plot(pair[0], [*TWIN_INNOCENT, *TWIN_EARLY, *TWIN_ASKED, *TWIN_GUILTY], twin=pair[1]))
        return found

    def _face(self) -> str:
        return f"{Decimal(self.r.randint(50_000, 900_000)) / 100}"

    def _plot(self, advance: Advance, names: list[str], *, twin: Advance | None = None) -> Plot:
        plot = Plot(self.r.choice(names), advance, twin)
        getattr(self, f"_{plot.name.replace(' ', '_')}")(plot, self.r.randint(3, 40))
        return plot
