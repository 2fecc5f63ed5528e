"""Keyset pagination over a changing list loses nothing and always ends."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quickbooks_app.api import keyset_pagination
from quickbooks_app.api.client import QuickBooksClient
from quickbooks_app.api.keyset_pagination import Cursor, FetchedObject, KeysetQuery
from quickbooks_app.api.query_response import QueryResponse
from quickbooks_app.errors import QuickBooksError, ResponseTooLarge, Transient
from tests.support.fakes.intuit_server import Intuit
from tests.support.payloads import stamps

START = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)
SINCE = START - timedelta(minutes=10)


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyset_pagination, "PAGE_SIZE", 10)


@dataclass
class Books(Intuit):
    """A company's invoices in memory, which may change between two pages."""

    between: list[Callable[[], None]] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    most_bytes: int = 10**9

    def __post_init__(self) -> None:
        super().__init__()

    def query(self, *, entity: str, statement: str) -> QueryResponse:
        if self.statements and self.between:
            self.between.pop(0)()
        self.statements.append(statement)
        assert len(self.statements) < 500, "it goes on for ever"
        body = self.answer(statement)
        if len(body) > self.most_bytes:
            raise ResponseTooLarge("QuickBooks' response is too large.", code="too_large")
        found = json.loads(body)["QueryResponse"].get(entity, [])
        return QueryResponse(objects=[json.dumps(one).encode() for one in found], time=START, total=None)

    def add(self, number: int, *, second: int, filler: str = "") -> None:
        made = START + timedelta(seconds=second)
        self.books["Invoice"].append(
            json.dumps({"Id": str(number), "MetaData": stamps(made), "PrivateNote": filler}).encode()
        )

    def edit(self, number: int, *, second: int) -> None:
        """Save an invoice again, which makes it the last changed."""
        changed = START + timedelta(seconds=second)
        for place, raw in enumerate(self.books["Invoice"]):
            value = json.loads(raw)
            if value["Id"] == str(number):
                value["MetaData"]["LastUpdatedTime"] = changed.isoformat()
                del self.books["Invoice"][place]
                self.books["Invoice"].append(json.dumps(value).encode())
                return

    def remove(self, number: int) -> None:
        self.books["Invoice"] = [raw for raw in self.books["Invoice"] if json.loads(raw)["Id"] != str(number)]


def pull_all(books: Books, pull: KeysetQuery) -> list[FetchedObject]:
    """Every object in the order received; the cursor passes through JSON, as in the database."""
    client, cursor, taken = cast("QuickBooksClient", books), pull.first_cursor(), []
    while True:
        pulled = pull.fetch_page(client, Cursor.from_json(json.loads(json.dumps(cursor.as_json()))))
        taken += pulled.objects
        if pulled.is_last:
            return taken
        cursor = pulled.cursor


def ids(fetched: list[FetchedObject]) -> list[int]:
    return [int(one.header.Id) for one in fetched if one.header]


SECONDS = st.lists(st.integers(min_value=0, max_value=6), max_size=90).map(sorted)


@given(SECONDS, st.booleans())
def test_every_object_comes_exactly_once_however_many_share_a_second(seconds: list[int], by_change: bool) -> None:
    books = Books()
    for number, second in enumerate(seconds):
        books.add(number, second=second)
    assert sorted(ids(pull_all(books, KeysetQuery("Invoice", since=SINCE if by_change else None)))) == list(
        range(len(seconds))
    )


@pytest.mark.parametrize("number", [9, 10, 11, 19, 20, 21, 30])
def test_a_scan_that_begins_with_one_full_second_goes_on(number: int) -> None:
    books = Books()
    for one in range(number):
        books.add(one, second=0)
    books.add(number, second=1)
    assert ids(pull_all(books, KeysetQuery("Invoice"))) == list(range(number + 1))


def test_a_smaller_page_goes_on_behind_a_border_that_is_larger(monkeypatch: pytest.MonkeyPatch) -> None:
    books = Books()
    for one in range(10):
        books.add(one, second=0 if one < 2 else 1)
    for one in range(10, 30):
        books.add(one, second=1, filler="x" * 1000)
    books.most_bytes = 3000
    assert sorted(ids(pull_all(books, KeysetQuery("Invoice")))) == list(range(30))


def test_thousands_with_hundreds_in_one_second_come_once_each() -> None:
    books = Books()
    for number in range(3000):
        books.add(number, second=5 if 100 <= number < 400 else number)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keyset_pagination, "PAGE_SIZE", 250)
        assert ids(pull_all(books, KeysetQuery("Invoice"))).__len__() == 3000


@settings(max_examples=200)
@example([0] * 11, [[], [0, 1]])
@given(
    SECONDS,
    st.lists(st.lists(st.integers(min_value=0, max_value=89), max_size=12), max_size=12),
)
def test_edits_during_a_scan_of_changes_lose_nothing(seconds: list[int], edits: list[list[int]]) -> None:
    books = Books()
    for number, second in enumerate(seconds):
        books.add(number, second=second)

    def edit(numbers: list[int], second: int) -> Callable[[], None]:
        return lambda: [books.edit(number, second=second) for number in numbers] and None

    books.between = [edit(numbers, 100 + place) for place, numbers in enumerate(edits)]
    taken = pull_all(books, KeysetQuery("Invoice", since=SINCE))
    assert set(ids(taken)) == set(range(len(seconds)))
    newest = {one.header.Id: one.raw for one in taken if one.header}
    assert set(newest.values()) == {json.dumps(json.loads(raw)).encode() for raw in books.books["Invoice"]}


@settings(max_examples=200)
@given(
    SECONDS,
    st.lists(st.lists(st.integers(min_value=0, max_value=89), max_size=12), max_size=12),
)
def test_deletions_during_a_full_scan_lose_none_of_the_others(seconds: list[int], gone: list[list[int]]) -> None:
    books = Books()
    for number, second in enumerate(seconds):
        books.add(number, second=second)

    def remove(numbers: list[int]) -> Callable[[], None]:
        return lambda: [books.remove(number) for number in numbers] and None

    books.between = [remove(numbers) for numbers in gone]
    left = set(range(len(seconds))) - {number for numbers in gone for number in numbers}
    assert left <= set(ids(pull_all(books, KeysetQuery("Invoice"))))


def test_an_invoice_made_during_the_scan_comes_at_its_end() -> None:
    books = Books()
    for number in range(15):
        books.add(number, second=number)
    books.between = [lambda: books.add(99, second=50)]
    assert ids(pull_all(books, KeysetQuery("Invoice")))[-1] == 99


def test_the_row_at_the_border_is_not_given_twice() -> None:
    books = Books()
    for number in range(10):
        books.add(number, second=number)
    assert ids(pull_all(books, KeysetQuery("Invoice"))) == list(range(10))
    assert len(books.statements) == 2


def test_a_server_that_repeats_its_page_ends_with_an_error() -> None:
    books = Books()
    for number in range(10):
        books.add(number, second=0)
    first = books.answer("SELECT * FROM Invoice ORDERBY MetaData.CreateTime ASC STARTPOSITION 1 MAXRESULTS 10")
    books.answer = lambda text: first  # type: ignore[method-assign]
    with pytest.raises(Transient) as caught:
        pull_all(books, KeysetQuery("Invoice"))
    assert caught.value.code == "same_page"


def test_a_server_that_goes_back_in_time_ends_with_an_error() -> None:
    books = Books()
    for number in range(10):
        books.add(number, second=number)
    first = books.answer("SELECT * FROM Invoice ORDERBY MetaData.CreateTime ASC STARTPOSITION 1 MAXRESULTS 10")
    books.answer = lambda text: first.replace(b'"Id": "', b'"Id": "1')  # type: ignore[method-assign]
    with pytest.raises(QuickBooksError):
        pull_all(books, KeysetQuery("Invoice", since=START + timedelta(days=1)))


@pytest.mark.parametrize(
    "last", ['{"Id":99}', '{"Id":"99"}', '{"Id":"99","MetaData":{"CreateTime":"today"}}', "[]", '{"Id":""}']
)
def test_a_last_row_that_cannot_be_read_stops_nothing(last: str) -> None:
    books = Books()
    for number in range(9):
        books.add(number, second=number)
    books.books["Invoice"].append(last.encode())
    honest = books.answer

    def answer(text: str) -> bytes:
        if "WHERE" not in text:
            inner = b",".join([*(raw for raw in books.books["Invoice"][:9]), last.encode()])
            return b'{"QueryResponse":{"Invoice":[' + inner + b"]}}"
        return honest(text)

    books.add(10, second=20)
    books.answer = answer  # type: ignore[method-assign]
    books.books["Invoice"].remove(last.encode())
    taken = pull_all(books, KeysetQuery("Invoice"))
    assert set(ids(taken)) - {99} == {*range(9), 10}
    assert len([one for one in taken if one.header is None or one.header.Id == "99"]) == 1


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_times_out_of_all_bounds_never_become_a_cursor(moment: str) -> None:
    books = Books()
    books.books["Invoice"] = [
        json.dumps({"Id": str(number), "MetaData": {"CreateTime": moment}}).encode() for number in range(25)
    ]
    assert sorted(ids(pull_all(books, KeysetQuery("Invoice")))) == list(range(25))


def test_a_page_that_is_too_large_is_asked_for_in_parts() -> None:
    books = Books(most_bytes=4000)
    for number in range(30):
        books.add(number, second=number, filler="x" * 1000)
    assert ids(pull_all(books, KeysetQuery("Invoice"))) == list(range(30))


def test_an_object_that_is_too_large_by_itself_ends_the_scan() -> None:
    books = Books(most_bytes=500)
    books.add(0, second=0, filler="x" * 1000)
    with pytest.raises(ResponseTooLarge):
        pull_all(books, KeysetQuery("Invoice"))


def test_inactive_customers_are_asked_for_too() -> None:
    books = Books()
    pull_all(books, KeysetQuery("Customer"))
    assert "WHERE Active IN (true, false)" in books.statements[0]


def test_changes_are_asked_for_by_the_time_of_change_from_the_moment_given() -> None:
    books = Books()
    pull_all(books, KeysetQuery("Invoice", since=SINCE))
    assert (
        "WHERE MetaData.LastUpdatedTime >= '2026-01-01T07:50:00Z' ORDERBY MetaData.LastUpdatedTime ASC"
        in (books.statements[0])
    )
