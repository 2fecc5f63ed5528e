"""Reports are calls like all others: authorised, throttled, metered, and hit by the faults that are switched on."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from quickbooks_app.sandbox.data import generate
from quickbooks_app.sandbox.runtime.faults import Faults
from tests.functional.quickbooks_app.sandbox.conftest import Api, MovableClock

PATH = "/reports/AgedReceivableDetail"


def switch(client: FlaskClient, kind: str, **form: str) -> None:
    assert client.post("/control/faults", data={"kind": kind, **form}).status_code == 200


def has_data(answer: Any) -> bool:
    options = {one["Name"]: one["Value"] for one in answer.get_json()["Header"]["Option"]}
    return bool(options["NoReportData"] == "false")


def test_an_unknown_report_is_answered_in_intuits_error_form(api: Api) -> None:
    answer = api.get("/reports/AgedReceivableDetails")
    assert answer.status_code == 400
    fault = answer.get_json()["Fault"]
    assert fault["type"] == "ValidationFault"
    assert fault["Error"] == [
        {
            "Message": "Permission Denied Error",
            "Detail": "Permission Denied Error : You do not have the access rights to use this feature.",
            "code": "5020",
            "element": "ReportName",
        }
    ]


def test_another_companys_token_gets_no_report(api: Api) -> None:
    api.realm = generate.SECOND_REALM
    assert api.get(PATH).status_code == 403
    api.token = "no token"
    assert api.get(PATH).status_code == 401


def test_reports_count_against_the_limit_of_calls(api: Api, faults: Faults) -> None:
    faults.set_rule("limit_calls", on=True)
    assert [api.get(PATH).status_code for _ in range(11)] == [200] * 10 + [429]


def test_a_report_is_a_metered_call_and_a_write_or_a_failure_is_not(client: FlaskClient, api: Api) -> None:
    api.get(PATH)
    api.get("/reports/Nothing")
    api.invoice()
    state = client.get("/control/state").get_json()
    assert [(call["path"].rpartition("/")[2], call["metered"]) for call in state["calls"]] == [
        ("invoice", False),
        ("Nothing", False),
        ("AgedReceivableDetail", True),
    ]
    assert state["metered_total"] == 1
    assert b"1 of them metered" in client.get("/calls").data


def test_reports_can_be_refused_while_the_books_are_read(client: FlaskClient, api: Api) -> None:
    switch(client, "report_refused")
    assert api.get("/customer/1").status_code == 200
    answer = api.get(PATH)
    assert (answer.status_code, answer.get_json()["Fault"]["Error"][0]["code"]) == (400, "5020")


def test_an_empty_report_has_no_rows_though_there_are_open_items(client: FlaskClient, api: Api) -> None:
    switch(client, "report_empty", times="1")
    answer = api.get(PATH)
    assert not has_data(answer)
    assert answer.get_json()["Rows"] == {}
    assert has_data(api.get(PATH))


def test_an_old_report_is_the_one_that_was_read_last(client: FlaskClient, api: Api, clock: MovableClock) -> None:
    first = api.get(PATH).get_json()
    clock.advance(minutes=5)
    api.invoice("77")
    switch(client, "report_old", times="1")
    assert api.get(PATH).get_json() == first
    now = api.get(PATH).get_json()
    assert now["Header"]["Time"] != first["Header"]["Time"]
    assert now["Rows"] != first["Rows"]


@pytest.mark.parametrize(("kind", "status"), [("html", 200), ("server_error", 500), ("throttled", 429)])
def test_other_faults_can_hit_reports_alone(client: FlaskClient, api: Api, kind: str, status: int) -> None:
    switch(client, kind, target="reports")
    assert api.get("/customer/1").get_json()
    answer = api.get(PATH)
    assert (answer.status_code, answer.mimetype == "text/html") == (status, kind == "html")


def test_a_client_that_asks_for_no_json_gets_xml(api: Api) -> None:
    api.headers = {}
    assert b"<ReportName>AgedReceivableDetail</ReportName>" in api.get(PATH).data
