"""The state of an invoice, a customer or an assessment as it was known at a moment is what it was at that moment."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from infactor.financing.eligibility import recalculation
from infactor.financing.history import HistoryDeleted, Kind, as_known
from infactor.financing.models import AssessmentVersion, Eligibility
from infactor.invoices.history import tracked_fields
from infactor.invoices.ingest import upserts
from infactor.invoices.ingest.records import InvoiceRecord
from infactor.invoices.models import Buyer, BuyerVersion, CompanyFile, Invoice, InvoiceVersion
from tests.support.factories.book_changes import apply, changes
from tests.support.factories.suppliers import BuyerFactory, CompanyFileFactory, InvoiceFactory
from tests.support.payloads import NOON

pytestmark = pytest.mark.django_db
START = NOON - timedelta(days=200)
MINUTE = timedelta(minutes=1)
PHASES = (
    Phase.explicit,
    Phase.reuse,
    Phase.generate,
)  # each example is a history with its rows: shrinking takes minutes

Snapshot = Mapping[int, Mapping[str, Any]]


def snapshot(model: type[Invoice | Buyer]) -> Snapshot:
    return {row.pk: {name: getattr(row, name) for name in tracked_fields(model)} for row in model.objects.all()}


def values(states: Mapping[int, Any]) -> Snapshot:
    return {key: dict(one.values) for key, one in states.items()}


@settings(max_examples=30, phases=PHASES, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), changes), min_size=1, max_size=12))
def test_the_state_at_every_moment_is_what_it_was_then(changed: list[tuple[int, Any]]) -> None:
    books = CompanyFileFactory()
    Invoice.objects.exclude(company_file=books).delete()
    Buyer.objects.exclude(company_file=books).delete()
    at, taken = START, {}
    for minutes, change in changed:
        at += minutes * MINUTE
        apply(books, change, at=at)
        taken[at] = (snapshot(Invoice), snapshot(Buyer))
    for moment, (invoices, buyers) in taken.items():
        for later in (timedelta(0), timedelta(seconds=59)):
            asked: dict[str, Any] = {"supplier": books.supplier, "at": moment + later}
            assert values(as_known(kind=Kind.INVOICE, **asked)) == invoices
            assert values(as_known(kind=Kind.CUSTOMER, **asked)) == buyers
    for kind in Kind:
        assert as_known(kind=kind, supplier=books.supplier, at=START - MINUTE) == {}


def record(balance: str, *, saved: int) -> InvoiceRecord:
    return InvoiceRecord(
        "1", source="QuickBooks", balance=Decimal(balance), books_updated_at=START + timedelta(days=saved)
    )


def put(books: CompanyFile, one: InvoiceRecord, *, day: int) -> None:
    upserts.upsert_invoices(company_file=books, records=[one], at=START + timedelta(days=day))


@pytest.fixture
def books() -> CompanyFile:
    """An invoice of 100 that became 60 on day 10, as infactor learnt on day 15; and 0 on day 20, learnt on day 21."""
    found: CompanyFile = CompanyFileFactory()
    put(found, record("100", saved=0), day=1)
    put(found, record("60", saved=10), day=15)
    put(found, record("0", saved=20), day=21)
    return found


def balance(books: CompanyFile, *, known: float, true: float | None = None) -> str:
    (state,) = as_known(
        kind=Kind.INVOICE,
        supplier=books.supplier,
        at=START + timedelta(days=known),
        true_at=None if true is None else START + timedelta(days=true),
    ).values()
    return f"{state.values['balance']:.0f}"


@pytest.mark.parametrize(
    ("known", "true", "expected"),
    [
        (12, None, "100"),  # the change had been made, and infactor did not know it
        (12, 12, "100"),
        (16, 12, "60"),  # now it did
        (16, 9, "100"),
        (30, 12, "60"),
        (30, 19, "60"),
        (30, 20, "0"),
        (16, 30, "60"),
    ],
)
def test_what_was_true_in_the_books_is_told_by_what_was_known(
    books: CompanyFile, known: int, true: int | None, expected: str
) -> None:
    assert balance(books, known=known, true=true) == expected


def test_a_save_in_the_books_that_changes_nothing_is_no_version(books: CompanyFile) -> None:
    put(books, record("0", saved=40)._replace(sync_token="9"), day=41)
    assert InvoiceVersion.objects.count() == 2
    assert balance(books, known=50, true=30) == "0"


def test_another_suppliers_ids_give_nothing(books: CompanyFile) -> None:
    stranger = BuyerFactory()
    recalculation.recalculate(supplier_id=books.supplier_id, at=NOON)
    for kind in Kind:
        ids = [*Invoice.objects.values_list("pk", flat=True), *Buyer.objects.values_list("pk", flat=True)]
        mine = as_known(kind=kind, supplier=stranger.supplier, at=NOON + timedelta(days=90), ids=ids)
        assert {*mine} <= {stranger.pk}
        assert as_known(kind=Kind.INVOICE, supplier=stranger.supplier, at=NOON, ids=ids) == {}


def test_a_state_that_retention_has_deleted_is_an_error_and_never_a_wrong_answer(books: CompanyFile) -> None:
    InvoiceVersion.objects.order_by("pk").first().delete()  # type: ignore[union-attr]
    assert balance(books, known=16) == "60"
    assert balance(books, known=30, true=12) == "60"
    for asked in ({"known": 12}, {"known": 30, "true": 5}):
        with pytest.raises(HistoryDeleted):
            balance(books, **asked)


def test_a_clock_that_goes_back_never_mixes_two_states(books: CompanyFile) -> None:
    put(books, record("40", saved=22)._replace(private_note="later"), day=18)
    assert balance(books, known=16) == "60"
    for day in (19, 20, 21):
        assert balance(books, known=day) == ("60" if day < 21 else "40")


def test_only_the_fields_that_are_asked_for_are_read(books: CompanyFile) -> None:
    (state,) = as_known(kind=Kind.INVOICE, supplier=books.supplier, at=NOON, fields=["balance"]).values()
    assert dict(state.values) == {"balance": Decimal(0)}
    assert state.known_until is None


# --- Assessments ---------------------------------------------------------------------------------------------


@pytest.fixture
def buyer() -> Buyer:
    found: Buyer = BuyerFactory(company_name="Acme Inc")
    CompanyFile.objects.update(as_of=NOON)
    InvoiceFactory.create_batch(2, buyer=found, books_status="paid", balance=Decimal(0))
    InvoiceFactory(buyer=found, txn_date=date(2026, 11, 1), payable_date=date(2026, 12, 1))
    return found


def recalculate(buyer: Buyer, *, day: int) -> None:
    """Assess the buyer's invoices, with books that were read a moment ago."""
    at = NOON + timedelta(days=day)
    CompanyFile.objects.update(as_of=at)
    recalculation.recalculate(supplier_id=buyer.supplier_id, at=at)


def assessed(rows: Iterable[Any]) -> dict[int, tuple[Any, ...]]:
    return {one.invoice_id: (one.decision, one.face, one.base, one.advance, one.deciding_rule) for one in rows}


@settings(max_examples=8, phases=PHASES, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.sampled_from([None, "500.00", "0.50", "1080.00", "9000000.00"])), max_size=6
    )
)
def test_the_assessment_at_every_moment_is_what_it_was_then(
    buyer: Buyer, changed: list[tuple[int, str | None]]
) -> None:
    Eligibility.objects.all().delete()
    AssessmentVersion.objects.all().delete()
    at, taken = NOON, {}
    for days, balance_now in changed:
        at += timedelta(days=days)
        if balance_now is not None:
            Invoice.objects.filter(books_status="open").update(balance=Decimal(balance_now))
        recalculation.recalculate(supplier_id=buyer.supplier_id, at=at)
        taken[at] = assessed(Eligibility.objects.all())
    for moment, expected in taken.items():
        states = as_known(kind=Kind.ASSESSMENT, supplier=buyer.supplier, at=moment)
        names = ("decision", "face", "base", "advance", "deciding_rule")
        assert {key: tuple(one.values[name] for name in names) for key, one in states.items()} == expected
        assert all(one.values["results"] for one in states.values())


def test_an_age_that_grows_is_no_new_assessment_and_a_new_outcome_is(buyer: Buyer) -> None:
    for days in range(4):
        recalculate(buyer, day=days)
    assert not AssessmentVersion.objects.exists()
    recalculate(buyer, day=10)
    (version,) = AssessmentVersion.objects.all()
    assert (version.deciding_rule, version.known_from, version.known_until) == (
        "verification",
        NOON,
        NOON + timedelta(days=10),
    )
    assert version.as_of == (NOON + timedelta(days=3)).date()
    assert len(version.breakdown) < 400
    state = as_known(kind=Kind.ASSESSMENT, supplier=buyer.supplier, at=NOON + timedelta(days=5))[version.invoice_id]
    ages = [one.actual for one in state.values["results"] if one.rule == "age"]
    assert ages == [22]  # as measured on the third day after


def test_an_assessment_is_not_in_the_books_and_a_deleted_one_is_an_error(buyer: Buyer) -> None:
    asked: dict[str, Any] = {"kind": Kind.ASSESSMENT, "supplier": buyer.supplier, "at": NOON}
    with pytest.raises(ValueError, match="not in the books"):
        as_known(**asked, true_at=NOON)
    for days in (0, 10):
        recalculation.recalculate(supplier_id=buyer.supplier_id, at=NOON + timedelta(days=days))
    AssessmentVersion.objects.all().delete()
    with pytest.raises(HistoryDeleted):
        as_known(**asked)


def test_a_row_that_nothing_tracked_changes_in_writes_no_version(books: CompanyFile) -> None:
    Invoice.objects.update(search_text="other")
    assert InvoiceVersion.objects.count() == 2
    assert not BuyerVersion.objects.exists()
