"""The format of the sandbox's responses and faults: JSON envelopes, XML, headers, compression and times."""

import gzip
import json
import re
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from tests.functional.quickbooks_app.sandbox.conftest import REALM, Api

NAMESPACE = "{http://schema.intuit.com/finance/v3}"


def parsed(data: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(data)  # noqa: S314 - our own server's answer


def test_a_business_fault_has_capitals_and_a_pacific_time(api: Api) -> None:
    answer = api.get("/invoice/999999")
    assert answer.status_code == 400
    assert answer.content_type == "application/json;charset=utf-8"
    body = answer.get_json()
    assert body["time"] == "2026-11-20T10:00:00.000-08:00"
    assert body["Fault"] == {
        "Error": [
            {
                "Message": "Object Not Found",
                "Detail": "Object Not Found : Something you're trying to use has been made inactive."
                " Check the fields with accounts, customers, items, vendors or employees.",
                "code": "610",
            }
        ],
        "type": "ValidationFault",
    }


def test_a_gateway_fault_has_thirteen_keys_and_an_integer_time(client: FlaskClient) -> None:
    headers = {"Authorization": "Bearer nonsense", "Accept": "application/json"}
    answer = client.get(f"/v3/company/{REALM}/invoice/1", headers=headers)
    assert answer.status_code == 401
    assert answer.get_json() == {
        "warnings": None,
        "intuitObject": None,
        "fault": {
            "error": [
                {
                    "message": "message=AuthenticationFailed; errorCode=003200; statusCode=401",
                    "detail": "Malformed bearer token: too short or too long",
                    "code": "3200",
                    "element": None,
                }
            ],
            "type": "AUTHENTICATION",
        },
        "report": None,
        "queryResponse": None,
        "batchItemResponse": [],
        "attachableResponse": [],
        "syncErrorResponse": None,
        "requestId": None,
        "time": 1795197600000,
        "status": None,
        "cdcresponse": [],
    }


def test_a_call_without_a_token_is_turned_away(client: FlaskClient) -> None:
    assert client.get(f"/v3/company/{REALM}/invoice/1").status_code == 401


@pytest.mark.parametrize("accept", ["", "*/*", "application/xml"])
def test_faults_are_xml_for_whoever_does_not_ask_for_json(api: Api, accept: str) -> None:
    answer = api.get("/invoice/1.5", headers={"Accept": accept})
    assert answer.content_type == "application/xml;charset=utf-8"
    root = parsed(answer.data)
    assert root.tag == f"{NAMESPACE}IntuitResponse"
    assert root.attrib["time"] == "2026-11-20T10:00:00.000-08:00"
    fault = root.find(f"{NAMESPACE}Fault")
    assert fault is not None
    assert fault.attrib == {"type": "ValidationFault"}
    error = fault.find(f"{NAMESPACE}Error")
    assert error is not None
    assert error.attrib == {"code": "2030", "element": "Id"}
    assert error.findtext(f"{NAMESPACE}Message") == "Invalid ID"
    assert error.findtext(f"{NAMESPACE}Detail") == "Id should be a valid number. Supplied value:1.5"


def test_answers_are_xml_for_whoever_does_not_ask_for_json(api: Api) -> None:
    made = api.invoice("1234.50", customer="2", PrivateNote="<b> & co")
    root = parsed(api.get(f"/invoice/{made['Id']}", headers={"Accept": ""}).data)
    invoice = root.find(f"{NAMESPACE}Invoice")
    assert invoice is not None
    assert invoice.attrib == {"domain": "QBO", "sparse": "false"}
    assert invoice.findtext(f"{NAMESPACE}TotalAmt") == "1234.50"
    assert invoice.findtext(f"{NAMESPACE}PrivateNote") == "<b> & co"
    customer = invoice.find(f"{NAMESPACE}CustomerRef")
    assert customer is not None
    assert (customer.text, customer.attrib) == ("2", {"name": "O'Malley's Market"})
    assert len(invoice.findall(f"{NAMESPACE}Line")) == 2


def test_the_address_can_ask_for_json_as_well(api: Api) -> None:
    answer = api.get(f"/companyinfo/{REALM}?format=json", headers={"Accept": "*/*"})
    assert answer.get_json()["CompanyInfo"]["CompanyName"] == "Larkspur Coffee Roasters"


def test_headers_are_those_that_were_recorded(api: Api) -> None:
    headers = api.get("/preferences").headers
    assert re.fullmatch(r"1-[0-9a-f]{8}-[0-9a-f]{24}", headers["intuit_tid"])
    assert headers["X-Amzn-Trace-Id"] == f"Root={headers['intuit_tid']}"
    assert re.fullmatch(r"[0-9a-f-]{36}", headers["X-Spanid"])
    assert headers["QBO-Version"]
    assert headers["Service-Time"].startswith("total=")
    assert headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_large_answers_are_compressed_on_request(api: Api) -> None:
    plain = api.get("/query?query=select * from Customer")
    packed = api.get("/query?query=select * from Customer", headers={"Accept-Encoding": "gzip, deflate"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain.data) / 3
    assert json.loads(gzip.decompress(packed.data))["QueryResponse"] == plain.get_json()["QueryResponse"]


def test_company_info_is_asked_for_by_realm_and_has_id_one(api: Api) -> None:
    found = api.get(f"/companyinfo/{REALM}").get_json()["CompanyInfo"]
    assert found["Id"] == "1"
    assert found["DefaultTimeZone"] == "America/Los_Angeles"
    assert api.get("/preferences").get_json()["Preferences"]["CurrencyPrefs"]["HomeCurrency"] == {"value": "USD"}


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/nosuch/1"), ("POST", "/nosuch"), ("PUT", "/invoice"), ("POST", "/merge")]
)
def test_an_unknown_resource_of_a_company_is_an_unsupported_operation(api: Api, method: str, path: str) -> None:
    headers = {"Authorization": f"Bearer {api.token}", **api.headers}
    answer = api.client.open(f"/v3/company/{REALM}{path}", method=method, headers=headers)
    error = answer.get_json()["Fault"]["Error"][0]
    assert (answer.status_code, error["code"]) == (400, "500")
    assert (
        error["Detail"]
        == f"Operation Could not find resource for relative : /v3/company/{REALM}{path} is not supported."
    )


def test_an_unknown_address_is_not_found_at_the_gateway(client: FlaskClient) -> None:
    assert client.get("/v4/anything").status_code == 404
