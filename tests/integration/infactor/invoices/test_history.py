"""States come from one statement of SQL, and are what undoing one version after the other in Python makes of them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from infactor.invoices import history
from infactor.invoices.history import VERSIONS, HistoryDeleted, State, states_as_known, tracked_fields
from infactor.invoices.ingest import upserts
from infactor.invoices.ingest.records import InvoiceRecord
from infactor.invoices.models import Buyer, CompanyFile, Invoice
from tests.support.factories.book_changes import apply, changes
from tests.support.factories.suppliers import CompanyFileFactory
from tests.support.payloads import NOON

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
# Each example is a history with its rows: shrinking takes minutes.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)

# Minutes since the last step, and minutes after the books saved it; their clock may be ahead of ours.
steps = st.tuples(st.integers(0, 2), st.integers(-2, 3), changes)


def replay(row: Invoice | Buyer, *, at: datetime, true_at: datetime | None) -> State | None:
    """The state by undoing whole versions, the last first; None where retention has deleted it."""
    fields = tracked_fields(type(row))
    values = {name: getattr(row, name) for name in fields}
    versions = list(VERSIONS[type(row)]._default_manager.filter(subject=row).order_by("pk"))
    later = [one for one in versions if one.known_until > at or (true_at is not None and one.books_until > true_at)]
    undone = [one for one in versions if later and one.pk >= later[0].pk]
    for version in reversed(undone):
        values |= {name: fields[name].to_python(value) for name, value in version.changed.items()}
    known_from, known_until, books_at = row.known_since or row.created_at, None, row.books_updated_at
    if undone:
        known_from, known_until, books_at = undone[0].known_from, undone[0].known_until, undone[0].books_at
    is_first_kept = known_from != row.created_at and len(undone) == len(versions)
    if is_first_kept and (known_from > at or (true_at is not None and (books_at or known_from) > true_at)):
        return None
    return State(row.pk, values, known_from, known_until, books_at)


def compare(model: type[Invoice | Buyer], books: CompanyFile, *, at: datetime, true_at: datetime | None) -> None:
    rows = model._default_manager.filter(company_file=books, created_at__lte=at)
    replayed = [replay(row, at=at, true_at=true_at) for row in rows.order_by("pk")]
    states = states_as_known(model=model, supplier=books.supplier, at=at, true_at=true_at)
    if None in replayed:
        with pytest.raises(HistoryDeleted):
            list(states)
    else:
        # By repr, because 10 equals 10.00 and is another amount to whoever writes it down.
        assert [repr(comparable(one)) for one in states] == [repr(comparable(one)) for one in replayed if one]


def comparable(state: State) -> Mapping[str, Any]:
    return {**vars(state), "values": sorted(state.values.items())}


@settings(max_examples=15, phases=PHASES, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(history_of=st.lists(steps, min_size=1, max_size=10), deleted=st.integers(0, 2))
def test_sql_and_a_replay_version_by_version_give_the_same_states(
    monkeypatch: pytest.MonkeyPatch, history_of: list[tuple[int, int, Any]], deleted: int
) -> None:
    monkeypatch.setattr(history, "AT_ONCE", 1)
    books = CompanyFileFactory()
    at, moments = NOON, [NOON - MINUTE]
    for minutes, late, change in history_of:
        at += minutes * MINUTE
        moments.append(at)
        apply(books, change, at=at, saved_at=at - late * MINUTE)
    for versions in VERSIONS.values():
        of_books = versions._default_manager.filter(subject__company_file=books).order_by("pk")
        versions._default_manager.filter(pk__in=[one.pk for one in of_books[:deleted]]).delete()
    for model in (Invoice, Buyer):
        for moment in moments[::2]:
            for true_at in (None, moments[0], moment - 2 * MINUTE, at):
                compare(model, books, at=moment, true_at=true_at)


def test_an_amount_keeps_its_two_decimals_and_a_quantity_every_digit() -> None:
    books = CompanyFileFactory()
    for minute, (amount, items) in enumerate(
        [
            ("10.00", '[{"Qty": 10.00, "UnitPrice": 123456789012345678.123456789}]'),
            ("9999999999999999.99", "[]"),
            ("0.10", '[{"Qty": 1}]'),
        ]
    ):
        one = InvoiceRecord("1", source="QuickBooks", balance=Decimal(amount), items=items)
        upserts.upsert_invoices(company_file=books, records=[one], at=NOON + minute * MINUTE)
    (first,) = states_as_known(model=Invoice, supplier=books.supplier, at=NOON)
    (second,) = states_as_known(model=Invoice, supplier=books.supplier, at=NOON + MINUTE)
    assert repr(first.values["balance"]) == "Decimal('10.00')"
    assert repr(first.values["items"]) == (
        "[{'Qty': Decimal('10.00'), 'UnitPrice': Decimal('123456789012345678.123456789')}]"
    )
    assert repr(second.values["balance"]) == "Decimal('9999999999999999.99')"


def test_books_whose_clock_is_ahead_of_ours_are_not_taken_for_deleted_history() -> None:
    books = CompanyFileFactory()
    for minute, balance in enumerate(["5", "4"]):
        one = InvoiceRecord(
            "1", source="QuickBooks", balance=Decimal(balance), books_updated_at=NOON + timedelta(minutes=9)
        )
        upserts.upsert_invoices(company_file=books, records=[one], at=NOON + minute * MINUTE)
    asked = {"at": NOON + timedelta(hours=1), "true_at": NOON + 5 * MINUTE}
    (state,) = states_as_known(model=Invoice, supplier=books.supplier, **asked)
    assert state.values["balance"] == 4
