"""Random closings: fees are accrued, months closed and reopened between the other random actions."""

from decimal import Decimal
from random import Random
from typing import Any

from infactor.ledger import periods
from infactor.ledger.periods import PeriodError
from infactor.month_end import accruals
from tests.support.scenarios.random_attempts import RandomAttempts
from tests.support.scenarios.two_suppliers import CURRENCIES


class RandomClosings(RandomAttempts):
    """Month end as one more of the random actions."""

    def end_month(self, r: Random) -> None:
        """Accrue the fees of the next month to close, often twice, and close it."""
        given: Any = {"by": self.suppliers.staff.operations, "at": self.suppliers.now}
        month = periods.month_to_close(at=self.suppliers.now)
        if month is None:
            return
        for _ in range(r.choice([0, 1, 1, 2])):
            try:
                accruals.accrue(month=month, **given)
            except PeriodError as problem:
                self.suppliers.log.append(f"accrue {month}: {problem}")
        if r.random() < 0.8:
            self.suppliers.log.append(f"close {month}")
            periods.close(month=month, explanations=[], **given)

    def reopen_month(self, r: Random) -> None:
        """Reopen the last closed month."""
        closing = periods.last_closing()
        if closing is not None:
            staff = self.suppliers.staff
            self.suppliers.log.append(f"reopen {closing}")
            periods.reopen(
                month=closing.month, reason="Late", by=staff.operations, approver=staff.approver, at=self.suppliers.now
            )

    def set_terms(self, r: Random) -> None:
        given = {
            "advance_rate": Decimal(r.randint(50, 95)),
            "additional_fee_rate": Decimal(r.choice([1, 2, 20])) / 2,
            "pair_limit": Decimal(r.choice([1000, 20_000])),
            "auto_offer_limit": Decimal(r.choice([0, 0, 1000])),
            "max_annual_rate_pct": Decimal(1000),
            "minimum_fee": Decimal(r.choice([0, 0, 15, 60])),
            "wire_fee": Decimal(r.choice([0, 0, 25])),
            "late_fee_rate": Decimal(r.choice([0, 1, 20])) / 20,
            "late_fee_grace_days": r.choice([0, 10]),
            "late_fee_cap_pct": Decimal(r.choice([1, 5])),
        }
        currency = r.choice(CURRENCIES)
        self.tries(f"terms {given}", lambda: self.suppliers.terms(currency, **given))
