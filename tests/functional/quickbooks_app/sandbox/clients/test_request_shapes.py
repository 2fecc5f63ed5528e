"""Requests in the shapes in which other people's SDKs send them: PHP, .NET, Java and Ruby, with XML and JSON."""

import base64
import gzip
import json
from xml.etree.ElementTree import Element, fromstring, tostring

import pytest
from werkzeug.test import TestResponse

from quickbooks_app.sandbox.formats.xml_bodies import NAMESPACE
from tests.functional.quickbooks_app.sandbox.conftest import REALM, Api

XML, JSON = "application/xml", "application/json"
NAMES = {"q": NAMESPACE}


@pytest.fixture
def sdk(api: Api) -> Api:
    """A client that speaks XML both ways."""
    api.headers = {"Accept": XML}
    return api


def send(api: Api, path: str, body: str | bytes, content_type: str = XML, **headers: str) -> TestResponse:
    return api._open("post", path, data=body, content_type=content_type, headers=headers)


def read(answer: TestResponse) -> Element:
    assert (answer.status_code, answer.mimetype) == (200, XML), answer.text
    return fromstring(answer.text)  # noqa: S314 - the sandbox's own answer


def count(api: Api, statement: str) -> str:
    found = read(send(api, "/query", statement, "application/text")).find("q:QueryResponse", NAMES)
    assert found is not None
    return found.attrib["totalCount"]


def test_a_php_sdk_writes_reads_voids_and_deletes(sdk: Api) -> None:
    line = (
        "<ns0:Line><ns0:Amount>10</ns0:Amount><ns0:DetailType>SalesItemLineDetail</ns0:DetailType>"
        "<ns0:SalesItemLineDetail><ns0:ItemRef>5</ns0:ItemRef></ns0:SalesItemLineDetail></ns0:Line>"
    )
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    body = f'{head}<ns0:Invoice xmlns:ns0="{NAMESPACE}">{line}<ns0:CustomerRef>1</ns0:CustomerRef></ns0:Invoice>\n'
    made = read(send(sdk, "/invoice", body)).find("q:Invoice", NAMES)
    assert made is not None
    # The whole object goes back with every later call, read-only properties and all.
    made.attrib["sparse"] = "false"
    whole = tostring(made)
    assert read(send(sdk, "/invoice?operation=update", whole)).findtext("q:Invoice/q:SyncToken", "", NAMES) == "0"
    voided = read(send(sdk, "/invoice?operation=void", whole)).find("q:Invoice", NAMES)
    assert voided is not None
    assert voided.findtext("q:TotalAmt", "", NAMES) == "0"
    gone = read(send(sdk, "/invoice?operation=delete", tostring(voided))).find("q:Invoice[@status='Deleted']", NAMES)
    assert gone is not None


def test_a_payment_in_xml_has_the_elements_of_its_extension(sdk: Api) -> None:
    answer = read(send(sdk, "/query", "select * from Payment maxresults 1", "application/text"))
    names = [one.text for one in answer.findall(".//q:LineEx/q:NameValue/q:Name", NAMES)]
    assert names[:2] == ["txnId", "txnOpenBalance"]
    assert not answer.findall(".//q:any", NAMES)


def test_queries_come_as_text_as_form_and_compressed(sdk: Api) -> None:
    whole = count(sdk, "Select count(*) From Invoice")
    assert int(whole) > 50
    packed = gzip.compress(b"select count(*) from Invoice")
    answer = read(send(sdk, "/query", packed, "text/plain", **{"Content-Encoding": "gzip"}))
    assert answer[0].attrib["totalCount"] == whole
    form = read(send(sdk, "/query", "query=select+count(*)+from+Invoice", "application/x-www-form-urlencoded"))
    assert form[0].attrib["totalCount"] == whole


@pytest.mark.parametrize(
    "statement",
    [
        "select * from customer startposition 1 maxresults 2",
        "SELECT * FROM Customer STARTPOSITION 1 MAXRESULTS 20",
        "select * from Customer where DisplayName like 'O\\'%'",
        "Select * from Customer Where DisplayName Like '%a%' And Active In (true, false) Order By DisplayName Desc",
        "select Id, DisplayName from Customer where Id in ('1', '2')",
        "SELECT * FROM Customer WHERE MetaData.LastUpdatedTime >= '2026-01-01T00:00:00+02:00'",
        "SELECT * FROM Customer WHERE MetaData.CreateTime > '2020-01-01' ORDERBY MetaData.CreateTime ASC MAXRESULTS 5",
    ],
)
def test_queries_of_every_spelling_find_customers(sdk: Api, statement: str) -> None:
    assert read(send(sdk, "/query", statement, "application/text")).findall("q:QueryResponse/q:Customer", NAMES)


def test_a_time_in_an_address_may_have_its_plus_unescaped(sdk: Api) -> None:
    answer = read(sdk.get("/cdc?entities=invoice,Customer&changedSince=2026-11-01T00:00:00+02:00"))
    first, second = answer.findall("q:CDCResponse/q:QueryResponse", NAMES)
    assert first.findall("q:Invoice", NAMES)
    assert second.findall("q:Customer", NAMES)
    assert first.attrib["totalCount"] == first.attrib["maxResults"]


@pytest.mark.parametrize("path", [f"/companyInfo/{REALM}", f"/CompanyInfo/{REALM}", "/Preferences", "/Invoice/1"])
def test_addresses_count_whatever_their_case(sdk: Api, path: str) -> None:
    read(sdk.get(path))


def test_a_batch_in_xml_reads_changes_and_reports(sdk: Api) -> None:
    text = (
        f'<IntuitBatchRequest xmlns="{NAMESPACE}">'
        '<BatchItemRequest bId="1" operation="create"><Customer><DisplayName>Quince</DisplayName></Customer>'
        '</BatchItemRequest><BatchItemRequest bId="2"><Query>select * from Nothing</Query></BatchItemRequest>'
        '<BatchItemRequest bId="3"><CDCQuery><Entities>Customer,Vendor</Entities>'
        "<ChangedSince>2026-11-01T00:00:00-08:00</ChangedSince></CDCQuery></BatchItemRequest>"
        '<BatchItemRequest bId="4"><ReportQuery>BalanceSheet?end_date=2026-11-20</ReportQuery></BatchItemRequest>'
        "</IntuitBatchRequest>"
    )
    items = read(send(sdk, "/batch?requestid=8371", text)).findall("q:BatchItemResponse", NAMES)
    assert [one.attrib["bId"] for one in items] == ["1", "2", "3", "4"]
    assert items[0].findtext("q:Customer/q:DisplayName", "", NAMES) == "Quince"
    fault = items[1].find("q:Fault/q:Error", NAMES)
    assert fault is not None
    assert fault.attrib["code"] == "4001"
    assert len(items[2].findall("q:CDCResponse/q:QueryResponse", NAMES)) == 2
    assert items[3].findtext("q:Report/q:Header/q:EndPeriod", "", NAMES) == "2026-11-20"


def test_a_report_is_its_own_root_with_its_cells_in_attributes(sdk: Api) -> None:
    report = read(sdk.get("/reports/BalanceSheet?date_macro=all"))
    assert report.tag == f"{{{NAMESPACE}}}Report"
    assert report.findtext("q:Header/q:ReportName", "", NAMES) == "BalanceSheet"
    cells = report.findall("q:Rows/q:Row[@group='TotalAssets']/q:Summary/q:ColData", NAMES)
    assert cells[0].attrib["value"] == "TOTAL ASSETS"
    banks = report.find(".//q:Row[@group='BankAccounts']/q:Rows/q:Row[@type='Data']/q:ColData", NAMES)
    assert banks is not None
    assert banks.attrib == {"value": "Checking", "id": "35"}


def test_an_upload_has_its_metadata_in_xml_and_its_file_in_base64(sdk: Api) -> None:
    metadata = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ns0:Attachable xmlns:ns0="{NAMESPACE}"><ns0:AttachableRef>'
        '<ns0:EntityRef type="Invoice">1</ns0:EntityRef></ns0:AttachableRef><ns0:FileName>order.png</ns0:FileName>'
        "</ns0:Attachable>\n"
    )
    text = base64.encodebytes(b"\x89PNG" * 50).decode().replace("\n", "\r\n")
    form = "Content-Disposition: form-data;"
    lines = [
        f'--b\r\n{form} name="file_metadata_0"\r\nContent-Type: {XML}; charset=UTF-8\r\n'
        f"Content-Transfer-Encoding: 8bit\r\n\r\n{metadata}--b",
        f'{form} name="file_content_0"; filename="order.png"\r\nContent-Type: image/png\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{text}\r\n--b--\r\n\r\n",
    ]
    answer = read(send(sdk, "/upload", "\r\n".join(lines), "multipart/form-data; boundary=b"))
    made = answer.find("q:AttachableResponse/q:Attachable", NAMES)
    assert made is not None
    assert made.findtext("q:Size", "", NAMES) == "200"
    assert made.findtext("q:AttachableRef/q:EntityRef", "", NAMES) == "1"


@pytest.mark.parametrize("flag", ["true", "false"])
def test_flags_may_be_text(api: Api, flag: str) -> None:
    made = api.write("Customer", {"DisplayName": "Medlar", "Taxable": flag})
    assert made["Taxable"] is (flag == "true")
    changed = api.write("Customer", {"Id": made["Id"], "SyncToken": "0", "sparse": "true", "Active": flag})
    assert (changed["Active"], changed["Taxable"]) == (flag == "true", flag == "true")
    (item,) = json.loads(
        api.post(
            "/batch",
            {
                "BatchItemRequest": [
                    {
                        "bId": "1",
                        "operation": "update",
                        "Customer": {
                            "Id": made["Id"],
                            "SyncToken": changed["SyncToken"],
                            "sparse": "true",
                            "Notes": "x",
                        },
                    }
                ]
            },
        ).text
    )["BatchItemResponse"]
    assert item["Customer"]["Active"] is (flag == "true")
