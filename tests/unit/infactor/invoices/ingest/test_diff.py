"""The diff says which of two versions is newer, and which fields differ."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infactor.invoices.ingest.diff import differences, is_older
from infactor.invoices.ingest.records import InvoiceRecord
from infactor.invoices.models.invoice import ExactDecoder

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def version(at: datetime | None, token: str) -> Any:
    return SimpleNamespace(books_updated_at=at, sync_token=token)


VERSIONS = st.builds(
    version, st.one_of(st.none(), st.datetimes(timezones=st.just(UTC))), st.sampled_from(["", "0", "9", "10"])
)


@pytest.mark.parametrize(
    ("at", "token", "older"),
    [
        (NOON, "3", False),
        (NOON, "2", True),
        (NOON, "4", False),
        (NOON - timedelta(seconds=1), "9", True),
        (NOON + timedelta(seconds=1), "0", False),
        (None, "0", False),
    ],
)
def test_the_time_of_change_decides_and_the_token_where_it_is_the_same(
    at: datetime | None, token: str, older: bool
) -> None:
    assert is_older(version(at, token), than=version(NOON, "3")) is older


def test_tokens_are_compared_as_numbers() -> None:
    assert is_older(version(NOON, "9"), than=version(NOON, "10"))
    assert not is_older(version(NOON, "10"), than=version(NOON, "9"))


@given(VERSIONS, VERSIONS)
def test_no_two_versions_are_older_than_each_other(one: Any, other: Any) -> None:
    assert not (is_older(one, than=other) and is_older(other, than=one))


@given(VERSIONS)
def test_no_version_is_older_than_itself(one: Any) -> None:
    assert not is_older(one, than=one)


def found(was: InvoiceRecord, now: InvoiceRecord) -> list[dict[str, str]]:
    row = SimpleNamespace(**was._asdict())
    for name in ("items", "tax_details", "linked_txn"):
        setattr(row, name, json.loads(getattr(was, name), cls=ExactDecoder))
    return [one.as_json() for one in differences(row=row, record=now, fields=InvoiceRecord._fields)]


BASE = InvoiceRecord("130", invoice_amount=Decimal("486.00"), items='[{"Amount":300.00}]')


@pytest.mark.parametrize(
    ("field", "now", "change"),
    [
        ("invoice_amount", Decimal("500.00"), ("486.00", "500.00")),
        ("invoice_amount", None, ("486.00", "")),
        ("payable_date", date(2026, 12, 1), ("", "2026-12-01")),
        ("invoice_no", "1038", ("", "1038")),
        ("items", '[{"Amount":300.01},{}]', ("1 entries", "2 entries")),
    ],
)
def test_a_change_says_what_it_was_and_what_it_is(field: str, now: Any, change: tuple[str, str]) -> None:
    assert found(BASE, BASE._replace(**{field: now})) == [{"field": field, "from": change[0], "to": change[1]}]


def test_the_same_version_differs_in_nothing() -> None:
    assert found(BASE, BASE) == []


@pytest.mark.parametrize("written", ['[{"Amount":300.00}]', '[ {"Amount" : 300.0} ]', '[{"Amount":3e2}]'])
def test_lines_of_the_same_worth_are_no_change(written: str) -> None:
    assert found(BASE, BASE._replace(items=written)) == []


def test_a_cent_in_a_line_of_fifteen_digits_is_a_change() -> None:
    was = BASE._replace(items='[{"Amount":9999999999999.98}]')
    assert found(was, was._replace(items='[{"Amount":9999999999999.99}]'))
