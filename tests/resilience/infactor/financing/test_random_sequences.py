"""After any sequence of actions the ledger explains every account, nothing is financed twice, every limit holds.

Each seed always gives the same sequence. FINANCED_SEEDS=1:500 in the environment runs that many;
FINANCED_SEEDS=123:123 runs one of them again.
"""

import os
from random import Random

import pytest
from django.db.transaction import atomic, set_rollback

from infactor.ledger.integrity import verify
from tests.support.scenarios.random_actions import CHANCES, Acts
from tests.support.scenarios.random_statements import IBANS
from tests.support.scenarios.two_suppliers import TwoSuppliers, build_two_suppliers
from tests.support.statements import house_account

pytestmark = pytest.mark.django_db
FIRST, LAST = (int(one) for one in os.environ.get("FINANCED_SEEDS", "1:4").split(":"))
STEPS = 60
OF_STATEMENTS = (
    "A statement between them is missing.",
    "on no statement",
    "differ by",
    "Lines are missing, or the opening balance.",
    "is not in the books.",
)
TOGETHER = 20  # seeds that are tried on one world, which takes as long to build as some of them to tell


def run_sequence(suppliers: TwoSuppliers, *, seed: int) -> None:
    """Perform random actions, check the ledger after each, and roll everything back."""
    suppliers, chance = TwoSuppliers(suppliers.scenarios, suppliers.shared, suppliers.buyers), Random(seed)
    acts, all_acts, weights = Acts(suppliers), list(CHANCES), list(CHANCES.values())
    with atomic():
        suppliers.later(0)
        try:
            for act in chance.choices(all_acts, weights, k=STEPS):
                act(acts, chance)
            # These statements have gaps, and lack lines for much that was paid: that is named, and no fault.
            found = verify(at=suppliers.now).findings
            assert [one for one in found if not any(said in one for said in OF_STATEMENTS)] == []
        except BaseException as problem:
            again = f"To see it again: FINANCED_SEEDS={seed}:{seed}"
            problem.add_note("\n".join([*suppliers.log, again]))
            raise
        finally:
            set_rollback(True)


@pytest.mark.parametrize("first", range(FIRST, LAST + 1, TOGETHER))
def test_whatever_is_done_one_after_another_the_books_explain_it(first: int) -> None:
    suppliers = build_two_suppliers()
    for currency, number in IBANS.items():
        house_account(suppliers.staff.operations, suppliers.now, currency=currency, number=number)
    for seed in range(first, min(first + TOGETHER, LAST + 1)):
        run_sequence(suppliers, seed=seed)
