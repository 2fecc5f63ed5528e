"""Base of the random actions: picks rows and amounts, attempts an action, and checks all invariants."""

from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

from tests.support.scenarios.two_suppliers import TwoSuppliers

ALMOST_ALWAYS = 0.9


class RandomAttempts:
    """Attempts by the people of two suppliers and of infactor."""

    def __init__(self, suppliers: TwoSuppliers) -> None:
        self.suppliers = suppliers

    def tries(self, what: str, act: Callable[[], object]) -> bool:
        done = self.suppliers.attempt(what, act)
        self.suppliers.assert_sound()
        return done

    def money(self, r: Random, most: int) -> Decimal:
        return Decimal(r.randint(1, most * 100)) / 100

    def one(self, r: Random, rows: Any, **likely: Any) -> Any:
        """One of `rows`, mostly one that is `likely`; None if there is none."""
        found = list(rows.filter(**likely).order_by("pk")) if r.random() < ALMOST_ALWAYS else []
        found = found or list(rows.order_by("pk"))
        return r.choice(found) if found else None

    def by_staff(self) -> Any:
        """Who acts, when, and on which value date."""
        return {
            "value_date": self.suppliers.staff.today,
            "by": self.suppliers.staff.operations,
            "at": self.suppliers.now,
        }
