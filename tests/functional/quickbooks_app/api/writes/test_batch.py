"""A batch does up to thirty things in one call, and tells of each what became of it."""

import json
from datetime import timedelta
from typing import Any

import pytest

from quickbooks_app.api.writes.batch import BatchItem
from quickbooks_app.errors import DuplicateName, ForbiddenWrite, NotOffered, ReferenceMissing
from quickbooks_app.objects.table import Operation
from tests.functional.quickbooks_app.api.conftest import Used
from tests.functional.quickbooks_app.sync.conftest import line

INVOICE: dict[str, Any] = {"CustomerRef": {"value": "1"}, "Line": [line("100.00")]}


def test_a_batch_gives_each_item_its_own_result(used: Used) -> None:
    taken = used.books.read("Customer", "1")["DisplayName"]
    term = used.client.create(entity="Term", fields={"Name": "Net 77", "DueDays": 77}, key="term")
    items = [
        BatchItem("a", Operation.CREATE, "Customer", {"DisplayName": "Birch Street Bakery"}),
        BatchItem("b", Operation.CREATE, "Customer", {"DisplayName": taken}),
        BatchItem("c", Operation.QUERY, "Term", statement="SELECT * FROM Term WHERE Name = 'Net 77'"),
        BatchItem("d", Operation.UPDATE, "Term", {"Id": term.qbk_id, "SyncToken": "0", "DueDays": 76}),
        BatchItem("e", Operation.CREATE, "Invoice", {**INVOICE, "CustomerRef": {"value": "99999"}}),
    ]
    results = used.client.batch(items, key="batch 1")
    made, duplicate, page, changed, missing = results
    assert made.raw is not None
    assert json.loads(made.raw)["DisplayName"] == "Birch Street Bakery"
    assert isinstance(duplicate.error, DuplicateName)
    assert page.page is not None
    assert [json.loads(one)["Id"] for one in page.page.objects] == [term.qbk_id]
    assert changed.raw is not None
    assert json.loads(changed.raw)["DueDays"] == 76
    assert isinstance(missing.error, ReferenceMissing)
    assert [one.item.key for one in results] == ["a", "b", "c", "d", "e"]
    record = used.calls[-1]
    assert (record.operation, record.is_metered, record.object_ids) == ("batch", True, [term.qbk_id])
    assert used.client.batch(items, key="batch 1")[0].raw == made.raw, "repeated after a crash, it makes nobody twice"


def test_a_batch_asks_for_changes_beside_queries(used: Used) -> None:
    since = used.books.clock()
    used.books.clock.advance(minutes=1)
    made = used.books.bill()
    gone = used.books.bill()
    used.books.delete("Invoice", gone["Id"])
    items = [
        BatchItem("c", Operation.CHANGES, entities=("Invoice", "CreditMemo"), since=since + timedelta(seconds=1)),
        BatchItem("q", Operation.QUERY, "Term", statement="SELECT * FROM Term"),
        BatchItem("x", Operation.QUERY, "Term", statement="SELECT * FROM Term WHERE Moon = '1'"),
    ]
    changed, page, refused = used.client.batch(items, key="changes")
    assert changed.changes is not None
    assert changed.changes.is_complete
    assert [json.loads(one)["Id"] for one in changed.changes.objects["Invoice"]] == [made["Id"]]
    assert list(changed.changes.deleted["Invoice"]) == [gone["Id"]]
    assert page.page is not None
    assert refused.error is not None
    assert used.calls[-1].is_metered
    with pytest.raises(ValueError, match="entities and a time"):
        used.client.batch([BatchItem("c", Operation.CHANGES, "Invoice")], key="k")
    with pytest.raises(NotOffered):
        used.client.batch([BatchItem("c", Operation.CHANGES, entities=("TaxRate",), since=since)], key="k")


def test_a_batch_takes_thirty_items_and_no_lines_of_payments(used: Used) -> None:
    items = [BatchItem(str(one), Operation.CREATE, "Term", {"Name": f"T{one}"}) for one in range(31)]
    with pytest.raises(ValueError, match="1 to 30"):
        used.client.batch(items, key="k")
    lines = BatchItem("p", Operation.UPDATE, "Payment", {"Id": "1", "SyncToken": "0", "Line": []})
    with pytest.raises(ForbiddenWrite, match="merged"):
        used.client.batch([lines], key="k")
    assert used.calls == []
    assert len([one for one in used.client.batch(items[:30], key="k") if one.raw]) == 30
