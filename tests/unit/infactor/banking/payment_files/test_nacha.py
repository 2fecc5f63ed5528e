"""NACHA files reconcile by a reader that is not ours, whatever they carry."""

from decimal import Decimal

import achkit
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infactor.banking.errors import CannotWrite
from infactor.banking.payment_files import PaymentOrder
from tests.support.payment_orders import batches, routing_numbers, us_account, us_order, written

ANY_BATCH = batches(
    order=us_order,
    largest="99999999.99",
    routing_number=routing_numbers(),
    account_number=st.text("0123456789", min_size=6, max_size=17),
)


def lines_of(orders: list[PaymentOrder]) -> list[str]:
    content = written("nacha", account=us_account(), orders=orders).content.decode("ascii")
    assert content.endswith("\r\n")
    return content.removesuffix("\r\n").split("\r\n")


@given(ANY_BATCH)
def test_any_batch_reconciles_and_an_independent_reader_finds_every_payment(orders: list[PaymentOrder]) -> None:
    lines = lines_of(orders)
    assert {len(line) for line in lines} == {94}
    assert len(lines) % 10 == 0
    text = "\n".join(lines)
    assert achkit.validate(text) == {"ok": True, "errors": []}
    file = achkit.parse(text)
    (batch,) = file["batches"]
    assert [
        (entry["routing"], entry["account"], entry["amount_cents"], entry["id_number"], entry["txn_code"])
        for entry in batch["entries"]
    ] == [
        (order.routing_number, order.account_number, int(order.amount * 100), order.end_to_end_id, 22)
        for order in orders
    ]
    assert [entry["trace_number"] for entry in batch["entries"]] == [
        f"09100001{place:07d}" for place in range(1, len(orders) + 1)
    ]
    assert all(entry["addenda_flag"] == bool(entry["addenda"]) for entry in batch["entries"])
    assert file["control"]["total_credit"] == sum(int(order.amount * 100) for order in orders)
    assert file["control"]["total_debit"] == 0


def test_the_file_is_this_one_column_by_column() -> None:
    account = us_account(originating_dfi="011401533", immediate_destination="0114015330", destination_name="Big Bank")
    orders = [
        us_order(),
        us_order(
            end_to_end_id="A-LONGER-REFERENCE-17",
            payee="Łódź Søns ☕ “Sp. z o.o.”",
            text="INV-1 * INV\\2",
            amount=Decimal("0.01"),
        ),
    ]
    lines = written("nacha", account=account, orders=orders).content.decode().split("\r\n")
    assert lines[:7] == [
        "101" + "0114015330" + "1234567890" + "2611021030" + "H" + "094101"
        + "BIG BANK".ljust(23) + "INFACTOR CAPITAL LLC".ljust(23) + "BATCH-7 ",
        "5220INFACTOR CAPITAL".ljust(40) + "1234567890CCD" + "PAYMENT".ljust(16)
        + "261103" + "   1" + "011401530000001",
        "622021000021" + "0001112223".ljust(17) + "0000085000" + "PAYOUT-1".ljust(15)
        + "MIDLIFE WIDGETS INC.".ljust(22) + "  0" + "011401530000001",
        "622021000021" + "0001112223".ljust(17) + "0000000001" + "ER-REFERENCE-17"
        + 'LODZ SONS "SP. Z O.O."'.ljust(22) + "  1" + "011401530000002",
        "705" + "NTE**A-LONGER-REFERENCE-17 INV-1 INV 2\\".ljust(80) + "0001" + "0000002",
        "8220" + "000003" + "0004200004" + "0" * 12 + "000000085001" + "1234567890" + " " * 25 + "011401530000001",
        "9" + "000001" + "000001" + "00000003" + "0004200004" + "0" * 12 + "000000085001" + " " * 39,
    ]  # fmt: skip
    assert lines[7:] == ["9" * 94] * 3 + [""]


def test_one_batch_always_has_the_same_bytes_and_shows_no_number() -> None:
    first = written("nacha", account=us_account(), orders=[us_order()])
    assert first == written("nacha", account=us_account(), orders=[us_order()])
    assert (first.name, first.control_sum, first.count) == ("BATCH-7.ach", Decimal("850.00"), 1)
    assert "0001112223" not in repr(first) + repr(us_order())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"currency": "EUR"}, "a NACHA file carries US dollars only, and this account is in EUR."),
        ({"originator_id": ""}, "Cannot write: this account has no originator id."),
        ({"originator_id": "12345678901"}, "has more than 10 characters."),
        ({"originator_name": "因"}, "this account has no originator name in Latin letters."),
        ({"routing_number": "091000018"}, "this account has no valid routing number of the originating bank."),
    ],
)
def test_an_account_that_lacks_something_is_told_so(wrong: dict[str, str], said: str) -> None:
    with pytest.raises(CannotWrite) as refused:
        written("nacha", account=us_account(**wrong), orders=[us_order()])
    assert str(refused.value).endswith(said)


def test_what_the_columns_cannot_hold_is_refused_by_the_name_of_the_payment() -> None:
    refused = [
        (us_order(amount=Decimal("100000000.00")), "at most 99,999,999.99"),
        (us_order(payee="مثال"), "has no Latin letters"),
        (us_order(country="DE", account_number="DE02120300000000202051"), "in the United States only"),
        (us_order(routing_number="021000022"), "not a valid routing number"),
        (us_order(account_number="12345"), "6 to 17 digits"),
    ]
    for order, said in refused:
        with pytest.raises(CannotWrite, match=said) as error:
            written("nacha", account=us_account(), orders=[us_order(end_to_end_id="GOOD"), order])
        assert "Payment PAYOUT-1: " in str(error.value)
        assert order.account_number not in str(error.value)
    many = [us_order(end_to_end_id=f"P{place}", amount=Decimal("99999999.99")) for place in range(101)]
    with pytest.raises(CannotWrite, match="too large for one NACHA file"):
        written("nacha", account=us_account(), orders=many)
