"""What would silently change the books otherwise than meant is never written."""

from decimal import Decimal
from typing import Any

import pytest

from quickbooks_app.api.client import QuickBooksClient
from quickbooks_app.api.writes.batch import BatchItem
from quickbooks_app.errors import ForbiddenWrite
from quickbooks_app.objects.table import Operation
from tests.functional.quickbooks_app.api.conftest import Used
from tests.functional.quickbooks_app.sync.conftest import REALM, laid, line

INVOICE: dict[str, Any] = {"CustomerRef": {"value": "1"}, "Line": [line("100.00")]}


def test_a_payments_new_line_leaves_those_that_it_has(used: Used) -> None:
    first, second = used.books.bill(amount="50.00"), used.books.bill(amount="30.00")
    memo = used.books.credit(amount="20.00")
    paid = used.books.write(
        "Payment",
        {
            "CustomerRef": {"value": "1"},
            "TotalAmt": 60,
            "Line": [laid(first, "50.00", "Invoice"), laid(memo, "20.00", "CreditMemo")],
        },
    )
    used.client.update(
        entity="Payment",
        qbk_id=paid["Id"],
        sync_token="0",
        fields={"Line": [{**laid(second, "30.00", "Invoice"), "Amount": Decimal("30.00")}]},
        key="apply",
    )
    lines = used.books.read("Payment", paid["Id"])["Line"]
    linked = {(one["LinkedTxn"][0]["TxnType"], one["LinkedTxn"][0]["TxnId"]): one["Amount"] for one in lines}
    assert linked == {("Invoice", first["Id"]): 50, ("CreditMemo", memo["Id"]): 20, ("Invoice", second["Id"]): 30}
    assert used.titles() == ["read Payment", "update Payment"]


def test_a_payments_line_of_zero_is_taken_out(used: Used) -> None:
    first, second = used.books.bill(amount="50.00"), used.books.bill(amount="30.00")
    body = {"CustomerRef": {"value": "1"}, "TotalAmt": 80}
    lines = [laid(first, "50.00", "Invoice"), laid(second, "30.00", "Invoice")]
    paid = used.books.write("Payment", {**body, "Line": lines})
    change = [{**laid(first, "0", "Invoice"), "Amount": 0}]
    used.client.update(entity="Payment", qbk_id=paid["Id"], sync_token="0", fields={"Line": change}, key="k")
    left = used.books.read("Payment", paid["Id"])["Line"]
    assert [one["LinkedTxn"][0]["TxnId"] for one in left] == [second["Id"]]


@pytest.mark.parametrize("operation", ["delete", "void"])
def test_a_financed_invoice_is_neither_deleted_nor_voided(used: Used, operation: str) -> None:
    made = used.client.create(entity="Invoice", fields=INVOICE, key="make")
    used.financed.add(made.qbk_id)
    used.calls.clear()
    end = {"entity": "Invoice", "qbk_id": made.qbk_id, "sync_token": made.sync_token, "key": "end"}
    with pytest.raises(ForbiddenWrite, match="financed"):
        getattr(used.client, operation)(**end)
    item = BatchItem("x", Operation(operation), "Invoice", {"Id": made.qbk_id, "SyncToken": made.sync_token})
    with pytest.raises(ForbiddenWrite, match="financed"):
        used.client.batch([item], key="end")
    assert used.calls == []
    assert used.books.read("Invoice", made.qbk_id)["TotalAmt"] == 100


def test_a_client_that_cannot_ask_whether_an_invoice_is_financed_ends_none(used: Used) -> None:
    made = used.client.create(entity="Invoice", fields=INVOICE, key="make")
    blind = QuickBooksClient(api_base=used.books.base, realm_id=REALM, token="t", record=used.calls.append)
    with pytest.raises(ForbiddenWrite):
        blind.void(entity="Invoice", qbk_id=made.qbk_id, sync_token="0", key="end")


def test_an_update_changes_what_it_names_and_clears_nothing(used: Used) -> None:
    made = used.client.create(entity="Invoice", fields={**INVOICE, "PrivateNote": "Keep", "DocNumber": "K-1"}, key="a")
    change = {"CustomerMemo": {"value": "Pay to us"}}
    used.client.update(entity="Invoice", qbk_id=made.qbk_id, sync_token="0", fields=change, key="b")
    found = used.books.read("Invoice", made.qbk_id)
    assert (found["PrivateNote"], found["DocNumber"], found["TotalAmt"]) == ("Keep", "K-1", 100)


def test_only_an_update_that_says_so_clears_the_rest(used: Used) -> None:
    made = used.client.create(entity="Invoice", fields={**INVOICE, "PrivateNote": "Drop"}, key="a")
    used.client.update(entity="Invoice", qbk_id=made.qbk_id, sync_token="0", fields=INVOICE, key="b", is_full=True)
    assert "PrivateNote" not in used.books.read("Invoice", made.qbk_id)


@pytest.mark.parametrize("entity", ["Item", "Account", "Payment", "BillPayment"])
def test_what_would_adjust_the_books_is_never_replaced_as_a_whole(used: Used, entity: str) -> None:
    with pytest.raises(ForbiddenWrite, match="never replaced as a whole"):
        used.client.update(entity=entity, qbk_id="1", sync_token="0", fields={}, key="k", is_full=True)
    assert used.calls == []
