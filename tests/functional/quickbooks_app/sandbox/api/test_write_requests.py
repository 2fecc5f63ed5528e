"""Writes over HTTP: repeated requests, versions and compressed bodies, and the faults that writes run into."""

import gzip
import json
import zlib

import pytest

from tests.functional.quickbooks_app.sandbox.conftest import Api, sales_line

BODY = {"CustomerRef": {"value": "1"}, "Line": [sales_line("10.00")]}


def number_of_invoices(api: Api) -> int:
    number: int = api.query("select count(*) from Invoice")["totalCount"]
    return number


def test_a_repeated_update_void_or_delete_gets_its_first_answer(api: Api) -> None:
    invoice = api.invoice()
    current = {"Id": invoice["Id"], "SyncToken": "0"}
    updated = [
        api.post("/invoice?requestid=u", {**current, "sparse": True, "PrivateNote": "Gate B"}).data for _ in (1, 2)
    ]
    current["SyncToken"] = "1"
    voided = [api.post("/invoice?operation=void&requestid=v", current).data for _ in (1, 2)]
    current["SyncToken"] = "2"
    deleted = [api.post("/invoice?operation=delete", current, headers={"Request-Id": "d"}).data for _ in (1, 2)]
    for first, second in (updated, voided, deleted):
        assert first == second
        assert b"Fault" not in first
    assert b"Gate B" in updated[0]
    assert b"Deleted" in deleted[0]


def test_a_request_that_failed_may_be_tried_again_with_its_id(api: Api) -> None:
    assert api.refused("/invoice?requestid=a", {**BODY, "CustomerRef": {"value": "999"}})["code"] == "2500"
    assert api.post("/invoice?requestid=a", BODY).status_code == 200


def test_a_request_id_over_50_characters_is_refused(api: Api) -> None:
    error = api.refused(f"/invoice?requestid={'x' * 51}", BODY)
    assert error["code"] == "6000"
    assert "more than 50 characters in the request_id field" in error["Detail"]


@pytest.mark.parametrize("version", ["1", "73", "75", "400", "", "x"])
def test_every_minor_version_is_the_latest(api: Api, version: str) -> None:
    plain = api.get("/companyinfo/1").get_json()["CompanyInfo"]
    assert api.get(f"/companyinfo/1?minorversion={version}").get_json()["CompanyInfo"] == plain


def test_a_compressed_body_is_read(api: Api) -> None:
    text = json.dumps(BODY).encode()
    for encoding, data in (("gzip", gzip.compress(text)), ("deflate", zlib.compress(text))):
        answer = api._open(
            "post",
            "/invoice",
            data=data,
            content_type="application/json",
            headers={"Content-Encoding": encoding},
        )
        assert answer.get_json()["Invoice"]["TotalAmt"] == 10


@pytest.mark.parametrize("data", [b"no gzip", gzip.compress(json.dumps(BODY).encode())[:-9]])
def test_a_broken_compressed_body_is_refused(api: Api, data: bytes) -> None:
    answer = api._open(
        "post", "/invoice", data=data, content_type="application/json", headers={"Content-Encoding": "gzip"}
    )
    assert answer.get_json()["Fault"]["Error"][0]["code"] == "2010"


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("stale_object", 400, "5010"),
        ("duplicate_number", 400, "6140"),
        ("duplicate_name", 400, "6240"),
        ("business_rule", 400, "6000"),
        ("not_found", 400, "610"),
        ("invalid_reference", 400, "2500"),
        ("missing_parameter", 400, "2020"),
        ("unknown_property", 400, "2010"),
        ("period_closed", 400, "6210"),
        ("deposited", 400, "6540"),
        ("subscription_ended", 400, "6190"),
        ("no_access", 403, "120"),
        ("authorization_failed", 401, "100"),
        ("fault_as_200", 200, "10000"),
        ("general_validation", 400, "600"),
        ("invalid_id", 400, "2030"),
        ("too_long", 400, "2050"),
        ("invalid_value", 400, "2080"),
        ("invalid_enumeration", 400, "2170"),
        ("unparsed_query", 400, "4000"),
        ("invalid_query", 400, "4001"),
        ("amounts", 400, "6070"),
        ("wrong_cluster", 401, "130"),
        ("forbidden", 403, "3100"),
        ("throttled", 429, "3001"),
        ("server_error", 500, "10000"),
        ("system_fault_as_400", 400, "10000"),
        ("outage_as_400", 400, "500"),
    ],
)
def test_a_fault_of_writes_refuses_one_and_spares_reads(api: Api, kind: str, status: int, code: str) -> None:
    before = number_of_invoices(api)
    api.client.post("/control/faults", data={"kind": kind, "target": "writes", "times": "1"})
    assert api.get("/preferences").status_code == 200
    answer = api.post("/invoice", BODY)
    body = answer.get_json()
    errors = body["Fault"]["Error"] if "Fault" in body else body["fault"]["error"]
    assert (answer.status_code, errors[0]["code"]) == (status, code)
    assert number_of_invoices(api) == before
    assert api.post("/invoice", BODY).status_code == 200


@pytest.mark.parametrize(("kind", "status"), [("bad_gateway", 502), ("unavailable", 503), ("gateway_timeout", 504)])
@pytest.mark.parametrize("target", ["writes", "tokens"])
def test_a_gateway_without_its_service_does_nothing(api: Api, kind: str, status: int, target: str) -> None:
    before = number_of_invoices(api)
    api.client.post("/control/faults", data={"kind": kind, "target": target, "times": "1"})
    if target == "writes":
        answer = api.post("/invoice", BODY)
    else:
        answer = api.client.post("/oauth2/v1/tokens/bearer", data={"grant_type": "refresh_token"})
    assert answer.status_code == status
    assert "json" not in answer.mimetype
    assert number_of_invoices(api) == before


def test_an_answer_that_is_lost_leaves_the_object_and_its_request_id(api: Api) -> None:
    before = number_of_invoices(api)
    api.client.post("/control/faults", data={"kind": "answer_lost", "target": "writes", "times": "1"})
    lost = api.post("/invoice?requestid=once", BODY)
    assert (lost.status_code, lost.text) == (504, "upstream request timeout")
    assert number_of_invoices(api) == before + 1
    assert api.post("/invoice?requestid=once", BODY).status_code == 200
    assert number_of_invoices(api) == before + 1


def test_an_answer_can_break_off_in_its_middle(api: Api) -> None:
    api.client.post("/control/faults", data={"kind": "answer_cut", "target": "writes", "times": "1"})
    answer = api.post("/invoice", BODY)
    assert answer.status_code == 200
    assert 0 < len(answer.data) < int(answer.headers["Content-Length"])


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("reads", "/customer/1"),
        ("queries", "/query?query=select * from Term"),
        ("changes", "/cdc?entities=Invoice&changedSince=2026-11-01"),
        ("reports", "/reports/TrialBalance"),
    ],
)
def test_a_fault_hits_the_class_of_calls_that_it_is_meant_for(api: Api, target: str, path: str) -> None:
    paths = ("/customer/1", "/query?query=select * from Term", "/cdc?entities=Invoice&changedSince=2026-11-01")
    api.client.post("/control/faults", data={"kind": "unavailable", "target": target})
    statuses = {one: api.get(one).status_code for one in (*paths, "/reports/TrialBalance")}
    assert {one for one, status in statuses.items() if status == 503} == {path}


def test_a_tax_code_is_created_once_for_a_request_id(api: Api) -> None:
    detail = {"TaxRateName": "Harbor tax", "RateValue": "2.5", "TaxAgencyId": "1"}
    body = {"TaxCode": "Harbor", "TaxRateDetails": [detail]}
    first, second = (api.post("/taxservice/taxcode?requestid=t", body).data for _ in (1, 2))
    assert first == second
    assert b"TaxCodeId" in first


def test_a_fault_of_the_books_cannot_be_meant_for_tokens(api: Api) -> None:
    form = {"kind": "stale_object", "target": "tokens"}
    assert api.client.post("/control/faults", data=form).status_code == 400


def test_a_body_over_the_services_limit_is_refused_as_by_its_web_server(api: Api) -> None:
    body = {**BODY, "PrivateNote": "x" * (10 * 1024 * 1024)}
    answer = api.post("/invoice", body)
    assert (answer.status_code, answer.mimetype) == (413, "text/html")
