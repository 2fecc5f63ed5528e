"""After any sequence of financing the bookkeeping says what the ledger says, and each event is recorded once."""

import os
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random

import pytest
from django.db.models import Sum

from infactor.financing.accounting.balances import supplier_balance
from infactor.financing.accounting.transit import IN_TRANSIT
from infactor.financing.models import OUTSTANDING_STATUSES, Advance, CollectionAllocation, Payout
from infactor.ledger.models import Entry, Purpose
from quickbooks_app.bookkeeping import entries
from quickbooks_app.bookkeeping.events import find_events, totals
from quickbooks_app.models import BookkeepingEntry, BookkeepingSettings
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.factories.suppliers import UserFactory
from tests.support.scenarios.random_actions import CHANCES, Acts
from tests.support.scenarios.two_suppliers import CURRENCIES, TwoSuppliers, build_two_suppliers

pytestmark = pytest.mark.django_db
STEPS = 60
# BOOKED_SEEDS=1:50 in the environment runs that many.
FIRST, LAST = (int(one) for one in os.environ.get("BOOKED_SEEDS", "1:1").split(":"))
ZERO = Decimal(0)


def turned_on(suppliers: TwoSuppliers) -> Iterator[BookkeepingSettings]:
    for scenario in suppliers.scenarios:
        yield BookkeepingSettings.objects.create(
            connection=ConnectionFactory(company_file=scenario.books, writes_allowed_at=suppliers.now),
            start_on=date(2026, 1, 1),
            currency="USD",
            turned_on_at=suppliers.now,
            turned_on_by=UserFactory(),
        )


def by_the_ledger(supplier_id: int, currency: str) -> tuple[Decimal, Decimal]:
    """The balances of "infactor advances" and "due from infactor" as financing has them, debits positive."""
    funded = Advance.objects.filter(supplier=supplier_id, currency=currency, status__in=OUTSTANDING_STATUSES)
    on_its_way = Payout.objects.filter(supplier=supplier_id, currency=currency).annotate(moving=IN_TRANSIT)
    of_advances = on_its_way.filter(purpose=Payout.Purpose.ADVANCE)
    paid = CollectionAllocation.objects.filter(advance__in=funded, kind="advance", reversed_at__isnull=True)
    owners = [one.ledger_owner for one in funded]
    # A short payment beyond the reserve is owed at once; in the books it counts when the advance is closed.
    short = sum(
        (
            summed(
                Entry.objects.filter(
                    transaction__reference__startswith=f"{owner}:short:", account__purpose=Purpose.DUE_FROM_SUPPLIER
                ),
                "debit",
            )
            for owner in owners
        ),
        ZERO,
    )
    owes = supplier_balance(purpose=Purpose.DUE_FROM_SUPPLIER, supplier_id=supplier_id, currency=currency)
    owed = supplier_balance(purpose=Purpose.PAYABLE_TO_SUPPLIER, supplier_id=supplier_id, currency=currency)
    unpaid = summed(on_its_way, "moving") - summed(of_advances, "moving")
    return summed(of_advances, "moving") - summed(funded, "amount"), summed(
        paid, "amount"
    ) + owed - owes + unpaid + short


def summed(rows: object, name: str) -> Decimal:
    return rows.aggregate(sum=Sum(name))["sum"] or ZERO  # type: ignore[attr-defined]


def assert_as_the_ledger(settings: BookkeepingSettings, suppliers: TwoSuppliers) -> None:
    entries.record(settings=settings, at=suppliers.now)
    events = find_events(settings=settings, is_first=True, known=True)
    for currency in CURRENCIES:
        found = totals(event.amounts for event in events if event.currency == currency)
        expected = by_the_ledger(settings.connection.supplier_id, currency)
        assert (found["advances"], found["due"]) == expected, (currency, suppliers.log[-1:])
    recorded = BookkeepingEntry.objects.filter(connection=settings.connection)
    assert totals(one.amounts for one in recorded) == totals(event.amounts for event in events)
    assert {one.source for one in recorded} == {event.source for event in events}


@pytest.mark.parametrize("seed", range(FIRST, LAST + 1))
def test_whatever_is_done_the_books_would_say_what_the_ledger_says(seed: int) -> None:
    suppliers, chance = build_two_suppliers(), Random(seed)
    settings = list(turned_on(suppliers))
    acts, seen = Acts(suppliers), suppliers.log[-1:]
    for act in chance.choices(list(CHANCES), list(CHANCES.values()), k=STEPS):
        act(acts, chance)
        if suppliers.log[-1:] != seen:  # refused or not, something was tried
            for one in settings:
                assert_as_the_ledger(one, suppliers)
        seen = suppliers.log[-1:]
    kinds = set(BookkeepingEntry.objects.values_list("kind", flat=True))
    assert len(kinds) >= 4, f"Too little happened to prove anything: {kinds}"
