"""The sandbox's books are double-entry: every company and every history balances, to the cent."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from quickbooks_app.sandbox.data import generate
from quickbooks_app.sandbox.ledger.accounts import RECEIVABLE
from quickbooks_app.sandbox.ledger.cash_basis import on_cash_basis
from quickbooks_app.sandbox.ledger.journal import account_balances, open_items, read_journal
from quickbooks_app.sandbox.ledger.postings import total
from quickbooks_app.sandbox.runtime.documents import decode
from quickbooks_app.sandbox.runtime.store import Store
from tests.functional.quickbooks_app.sandbox.conftest import REALM, START, Api, MovableClock
from tests.simulation.books import SharedStore, content
from tests.simulation.debts import Accountant

TURNS = 300


def assert_balanced(store: Store, realm: str) -> None:
    """Debits equal credits, and receivables, open items and customers' balances say the same."""
    journal = read_journal(store.connection(), realm=realm)
    by_document: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for posting in journal.postings:
        sums = by_document[posting.entity, posting.id]
        sums[0], sums[1] = sums[0] + posting.amount, sums[1] + posting.home
    assert {key: sums for key, sums in by_document.items() if any(sums)} == {}
    assert total(on_cash_basis(journal.postings)) == 0
    items = open_items(journal, journal.postings)
    receivable = sum(
        balance for account, balance in account_balances(journal.postings).items() if account.type == RECEIVABLE
    )
    assert receivable == sum(item.home_open for item in items)
    owed: dict[str, Decimal] = defaultdict(Decimal)
    for item in items:
        assert item.document is not None
        owed[item.key.customer] += item.open
        if item.key.entity in ("Invoice", "CreditMemo"):
            assert abs(item.open) == Decimal(item.document["Balance"])
            assert abs(item.home_open) == Decimal(item.document.get("HomeBalance", item.document["Balance"]))
    rows = store.connection().execute(
        "SELECT body FROM objects WHERE realm = ? AND entity = 'Customer' AND deleted = 0", (realm,)
    )
    balances = {one["Id"]: Decimal(one["Balance"]) for one in (decode(row["body"]) for row in rows)}
    assert {id: balance for id, balance in balances.items() if balance} == {id: sum for id, sum in owed.items() if sum}


@pytest.mark.parametrize("realm", [generate.MAIN_REALM, generate.SECOND_REALM])
def test_a_seeded_company_balances(store: Store, realm: str) -> None:
    assert_balanced(store, realm)


def test_a_generated_company_balances(store: Store) -> None:
    generate.add_invoices(store, realm=REALM, count=500, at=START)
    assert_balanced(store, REALM)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return content(tmp_path_factory.mktemp("start"), at=START - timedelta(days=1))


@pytest.mark.parametrize("seed", range(6))
def test_a_random_history_balances(start: bytes, tmp_path: Path, seed: int) -> None:
    store, clock = SharedStore(tmp_path / "books.sqlite3"), MovableClock()
    store.load(start)
    chance = Random(seed)
    person = Accountant(store=store, realm=REALM, chance=chance)
    moves = person.edits
    done = set()
    for _ in range(TURNS):
        kind = chance.choices(list(moves), weights=list(moves.values()))[0]
        if person.edit(at=clock(), kind=kind):
            done.add(kind)
        clock.advance(hours=chance.randint(0, 40))
    store_is_lively = len(done) >= len(moves) - 4
    assert store_is_lively, f"not played: {set(moves) - done}"
    assert_balanced(store, REALM)
    store.close()


def test_a_payment_at_another_rate_leaves_an_exchange_gain(api: Api, store: Store) -> None:
    euro = {"ExchangeRate": 1.0842}
    bill = api.invoice("333.33", customer="12", **euro)
    body = {"TxnId": bill["Id"], "TxnType": "Invoice"}
    for amount in (111.11, 222.22):
        line = {"Amount": amount, "LinkedTxn": [body]}
        paid = {"CustomerRef": {"value": "12"}, "TotalAmt": amount, "ExchangeRate": 1.1, "Line": [line]}
        api.write("Payment", paid)
    assert_balanced(store, REALM)
    journal = read_journal(store.connection(), realm=REALM)
    gains = [one.home for one in journal.postings if one.account.name == "Exchange Gain or Loss"]
    # 366.66 came in for what was booked as 361.40.
    assert sum(gains) == Decimal("-5.26")


def test_a_voided_invoice_takes_its_deposit_out_of_the_books(api: Api, store: Store) -> None:
    bill = api.invoice("800", customer="4", Deposit=500)
    assert_balanced(store, REALM)
    api.write("Invoice", {"Id": bill["Id"], "SyncToken": bill["SyncToken"]}, "?operation=void")
    assert_balanced(store, REALM)


def test_a_deposit_above_the_total_is_refused(api: Api) -> None:
    line = {"Amount": 10, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": {"value": "1"}}}
    body = {"CustomerRef": {"value": "4"}, "Line": [line], "Deposit": 11}
    assert api.refused("/invoice", body)["code"] == "6000"
