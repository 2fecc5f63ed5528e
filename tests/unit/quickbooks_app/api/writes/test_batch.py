"""Answers to batches are taken item by item, whatever is in them."""

import json
from typing import Any

import pytest

from quickbooks_app.api.writes import batch, bodies
from quickbooks_app.api.writes.batch import BatchItem
from quickbooks_app.errors import ForbiddenWrite, InternalFault, Throttled, Transient, WriteRefused
from quickbooks_app.objects.table import Operation

MAKE = BatchItem("a", Operation.CREATE, "Customer", {"DisplayName": "x"})
ASK = BatchItem("q", Operation.QUERY, "Customer", statement="SELECT * FROM Customer")


def answered(item: BatchItem, **answer: Any) -> batch.BatchResult:
    body = json.dumps({"BatchItemResponse": [{"bId": bodies.item_id(item.key), **answer}]}).encode()
    (result,) = batch.results_of(body, items=[item])
    return result


def faulty(code: str, kind: str = "ValidationFault") -> dict[str, Any]:
    return {"Fault": {"Error": [{"Message": "canary", "Detail": "canary", "code": code}], "type": kind}}


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faulty("6000"), WriteRefused),
        (faulty("9999"), WriteRefused),
        (faulty("10000"), InternalFault),
        (faulty("9999", "SystemFault"), InternalFault),
        (faulty("3001"), Throttled),
    ],
)
def test_the_fault_of_an_item_has_a_name_and_says_nothing_of_the_data(
    fault: dict[str, Any], error: type[Exception]
) -> None:
    found = answered(MAKE, **fault).error
    assert isinstance(found, error)
    assert "canary" not in str(found)


def test_an_item_without_its_object_is_asked_for_again() -> None:
    assert isinstance(answered(MAKE).error, Transient)
    assert isinstance(answered(ASK, QueryResponse={"Vendor": [{"Id": "1"}]}).error, Transient)
    lost = batch.results_of(b'{"BatchItemResponse":[]}', items=[MAKE])[0]
    assert isinstance(lost.error, Transient)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"BatchItemResponse":[{}]}', b"<html>"])
def test_an_answer_of_another_form_is_no_answer(body: bytes) -> None:
    with pytest.raises(Transient):
        batch.results_of(body, items=[MAKE])


def test_each_item_is_asked_for_in_quickbooks_form() -> None:
    head = {"Id": "7", "SyncToken": "2"}
    items = [
        BatchItem("v", Operation.VOID, "Payment", head),
        BatchItem("i", Operation.VOID, "Invoice", head),
        BatchItem("d", Operation.DELETE, "Bill", head),
        BatchItem("u", Operation.UPDATE, "Item", {**head, "IncomeAccountRef": {"value": "1"}, "QtyOnHand": 5}),
    ]
    void, void_invoice, delete, update = json.loads(batch.body_of(items))["BatchItemRequest"]
    assert (void["operation"], void["optionsData"], void["Payment"]["sparse"]) == ("update", "void", True)
    assert (void_invoice["operation"], void_invoice["Invoice"]) == ("void", head)
    assert (delete["operation"], delete["Bill"]) == ("delete", head)
    assert (update["optionsData"], "QtyOnHand" in update["Item"]) == ("donotupdateaccountontxns", False)


def test_two_items_with_one_key_and_what_a_batch_cannot_do_are_refused() -> None:
    with pytest.raises(ValueError, match="same key"):
        batch.body_of([MAKE, MAKE])
    with pytest.raises(ForbiddenWrite):
        batch.body_of([BatchItem("s", Operation.SEND, "Invoice", {"Id": "1", "SyncToken": "0"})])
