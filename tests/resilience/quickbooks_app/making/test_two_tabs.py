"""Presses at the same moment make one thing: of one page, and of two tabs that want the same number."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from infactor.users.models import User
from quickbooks_app.making import checks, choices, drafts, made
from quickbooks_app.models import Connection, Push
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.factories.suppliers import MembershipFactory
from tests.support.payloads import NOON
from tests.support.processes.threads import run_concurrently

pytestmark = pytest.mark.django_db(transaction=True)
PLAIN = choices.choices_of(preferences={}, lists={"Item": [], "Term": [], "TaxCode": []}, country="US")


@pytest.fixture
def connection() -> Connection:
    made: Connection = ConnectionFactory(company_file__home_currency="USD", writes_allowed_at=NOON)
    return made


@pytest.fixture
def owner(connection: Connection) -> User:
    found: User = MembershipFactory(supplier=connection.supplier).user
    return found


def press(connection: Connection, owner: User, outcomes: Counter[str], message: str = "") -> None:
    line = drafts.LineDraft("1", quantity=Decimal(1), price=Decimal(5))
    draft = drafts.InvoiceDraft("7", "USD", NOON.date(), [line], number="Q-1", message=message)

    def check() -> Iterator[tuple[str, str]]:
        return checks.check_invoice(draft, choices=PLAIN, connection=connection, today=NOON.date())

    fields: Any = draft.fields(PLAIN)
    try:
        made.make(connection=connection, entity="Invoice", fields=fields, check=check, by=owner, at=NOON)
    except made.Refused as refused:
        outcomes[str(refused)] += 1
    else:
        outcomes["made"] += 1


def test_eight_presses_at_once_make_one_invoice(connection: Connection, owner: User) -> None:
    outcomes: Counter[str] = Counter()
    run_concurrently([partial(press, connection, owner, outcomes)] * 8)
    assert outcomes == {"made": 8}, "each press leads to the page of what was made"
    assert Push.objects.count() == 1


def test_two_tabs_cannot_both_take_a_number(connection: Connection, owner: User) -> None:
    outcomes: Counter[str] = Counter()
    run_concurrently([partial(press, connection, owner, outcomes, message=one) for one in ("first", "second")])
    assert outcomes["made"] == 1
    assert outcomes.total() == 2
    assert Push.objects.count() == 1
