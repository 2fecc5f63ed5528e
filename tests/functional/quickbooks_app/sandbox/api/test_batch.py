"""Batches: many writes and queries in one call, each with an answer of its own."""

from typing import Any

import pytest

from quickbooks_app.sandbox.runtime.faults import Faults
from tests.functional.quickbooks_app.sandbox.conftest import Api, MovableClock, sales_line


def run_batch(api: Api, *items: dict[str, Any], params: str = "") -> list[dict[str, Any]]:
    answer = api.post(f"/batch{params}", {"BatchItemRequest": list(items)})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.get_json()["BatchItemResponse"]
    return found


def new_invoice(bid: str, amount: str = "10.00", **more: Any) -> dict[str, Any]:
    invoice = {"CustomerRef": {"value": "1"}, "Line": [sales_line(amount)], **more}
    return {"bId": bid, "operation": "create", "Invoice": invoice}


def test_items_of_every_kind_are_answered_in_the_order_asked_for(api: Api) -> None:
    kept, gone, void = api.invoice("10.00"), api.invoice("20.00"), api.invoice("30.00")

    def of(invoice: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"Id": invoice["Id"], "SyncToken": invoice["SyncToken"], **more}

    answers = run_batch(
        api,
        new_invoice("one"),
        {"bId": "two", "operation": "update", "Invoice": of(kept, sparse=True, PrivateNote="Gate B")},
        {"bId": "three", "Query": f"select * from Invoice where Id = '{gone['Id']}'"},
        {"bId": "four", "operation": "delete", "Invoice": of(gone)},
        {"bId": "five", "operation": "void", "Invoice": of(void)},
        {"bId": "six", "Query": "select count(*) from Term"},
    )
    assert [answer["bId"] for answer in answers] == ["one", "two", "three", "four", "five", "six"]
    assert answers[0]["Invoice"]["TotalAmt"] == 10
    assert answers[1]["Invoice"]["PrivateNote"] == "Gate B"
    # Items do not see each other's effects.
    assert [one["Id"] for one in answers[2]["QueryResponse"]["Invoice"]] == [gone["Id"]]
    assert answers[3]["Invoice"] == {"domain": "QBO", "status": "Deleted", "Id": gone["Id"]}
    assert answers[4]["Invoice"]["PrivateNote"] == "Voided"
    assert answers[5]["QueryResponse"] == {"totalCount": 5}


def test_a_bad_item_fails_alone(api: Api) -> None:
    stale = api.invoice()
    first, second, third, fourth = run_batch(
        api,
        new_invoice("good"),
        {"bId": "stale", "operation": "update", "Invoice": {"Id": stale["Id"], "SyncToken": "7", "sparse": True}},
        {"bId": "query", "Query": "select * from Custmoer"},
        {"bId": "nothing", "operation": "create"},
    )
    assert first["Invoice"]["Id"]
    assert (second["bId"], second["Fault"]["type"]) == ("stale", "ValidationFault")
    assert [answer["Fault"]["Error"][0]["code"] for answer in (second, third, fourth)] == ["5010", "4001", "500"]
    assert api.read("Invoice", first["Invoice"]["Id"])["TotalAmt"] == 10


def test_options_data_says_what_include_says_elsewhere(api: Api) -> None:
    taken, paid = api.invoice(DocNumber="B-1"), api.invoice("50.00")
    payment = api.pay(paid, "50.00")
    refused, allowed, voided = run_batch(
        api,
        new_invoice("refused", DocNumber=taken["DocNumber"]),
        {**new_invoice("allowed", DocNumber=taken["DocNumber"]), "optionsData": "include=allowduplicatedocnum"},
        {
            "bId": "void",
            "operation": "update",
            "optionsData": "void",
            "Payment": {"Id": payment["Id"], "SyncToken": payment["SyncToken"], "sparse": True},
        },
    )
    assert refused["Fault"]["Error"][0]["code"] == "6140"
    assert allowed["Invoice"]["DocNumber"] == "B-1"
    assert voided["Payment"]["TotalAmt"] == 0


def test_changes_and_reports_can_be_asked_for_in_a_batch(api: Api, clock: MovableClock) -> None:
    clock.advance(minutes=1)
    invoice = api.invoice()
    changes, report = run_batch(
        api,
        {"bId": "c", "CDCQuery": {"Entities": "Invoice", "ChangedSince": clock().isoformat()}},
        {"bId": "r", "ReportQuery": {"ReportName": "TrialBalance"}},
    )
    (group,) = changes["CDCResponse"][0]["QueryResponse"]
    assert [one["Id"] for one in group["Invoice"]] == [invoice["Id"]]
    assert report["Report"]["Header"]["ReportName"] == "TrialBalance"


def test_the_queries_of_a_batch_return_a_thousand_objects_together(api: Api) -> None:
    statement = "select * from Invoice maxresults 1000"
    number = api.query(statement)["maxResults"]
    answers = run_batch(api, *({"bId": str(n), "Query": statement} for n in range(1000 // number + 2)))
    found = [answer["QueryResponse"].get("maxResults", 0) for answer in answers]
    assert sum(found) == 1000
    assert found[-1] == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "2020"),
        ({"BatchItemRequest": []}, "2020"),
        ({"BatchItemRequest": ["x"]}, "2020"),
        ({"BatchItemRequest": [{"Query": "select * from Term"}]}, "2020"),
        ({"BatchItemRequest": [{"bId": "1", "Query": "select * from Term"}] * 2}, "2080"),
        ({"BatchItemRequest": [{"bId": str(n), "Query": "select * from Term"} for n in range(31)]}, "1040"),
    ],
)
def test_a_malformed_batch_is_refused_whole(api: Api, body: dict[str, Any], code: str) -> None:
    assert api.refused("/batch", body)["code"] == code


def test_a_repeated_batch_does_again_only_what_failed(api: Api) -> None:
    taken = api.invoice(DocNumber="B-2")
    items = (new_invoice("one"), new_invoice("two", DocNumber="B-2"))
    first = run_batch(api, *items, params="?requestid=push-7")
    assert "Fault" in first[1]
    api.write("Invoice", {"Id": taken["Id"], "SyncToken": taken["SyncToken"], "sparse": True, "DocNumber": "B-3"})
    second = run_batch(api, *items, params="?requestid=push-7")
    assert second[0] == first[0]
    assert second[1]["Invoice"]["DocNumber"] == "B-2"


def test_a_request_id_and_bid_over_50_characters_are_refused_together(api: Api) -> None:
    (answer,) = run_batch(api, new_invoice("b" * 36), params=f"?requestid={'r' * 32}")
    assert answer["Fault"]["Error"][0]["code"] == "6000"
    assert "which is 68 characters" in answer["Fault"]["Error"][0]["Detail"]


def test_a_41st_batch_of_an_app_within_a_minute_is_throttled(api: Api, faults: Faults, clock: MovableClock) -> None:
    faults.set_rule("limit_calls", on=True)
    item = {"bId": "1", "Query": "select count(*) from Term"}
    statuses = []
    for _ in range(41):
        clock.advance(milliseconds=1200)
        statuses.append(api.post("/batch", {"BatchItemRequest": [item]}).status_code)
    assert (set(statuses[:40]), statuses[40]) == ({200}, 429)
    assert api.get("/preferences").status_code == 200
    clock.advance(seconds=13)
    assert api.post("/batch", {"BatchItemRequest": [item]}).status_code == 200


def test_a_fault_of_writes_hits_items_of_a_batch(api: Api, faults: Faults) -> None:
    api.client.post("/control/faults", data={"kind": "stale_object", "target": "writes", "times": "1"})
    first, second = run_batch(api, new_invoice("one"), new_invoice("two"))
    assert first["Fault"]["Error"][0]["code"] == "5010"
    assert "Invoice" in second


def test_a_client_that_asks_for_no_json_gets_the_batch_in_xml(api: Api) -> None:
    items = [{"bId": "q", "Query": "select * from Custmoer"}, new_invoice("i")]
    answer = api.post("/batch", {"BatchItemRequest": items}, headers={"Accept": "application/xml"})
    assert '<BatchItemResponse bId="q"><Fault type="ValidationFault"><Error code="4001"><Message>' in answer.text
    assert '<BatchItemResponse bId="i"><Invoice domain="QBO" sparse="false">' in answer.text


def test_an_item_can_send_an_invoice(api: Api) -> None:
    id = api.invoice()["Id"]
    item = {"bId": "s", "operation": "send", "optionsData": "sendTo=Pat@buyer.example", "Invoice": {"Id": id}}
    (answer,) = run_batch(api, item)
    assert answer["Invoice"]["BillEmail"] == {"Address": "Pat@buyer.example"}
    assert answer["Invoice"]["EmailStatus"] == "EmailSent"
