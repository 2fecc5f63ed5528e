"""Clients that speak XML write what they read: bodies in XML are those in JSON."""

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.formats.xml_bodies import NAMESPACE, read_xml
from quickbooks_app.sandbox.runtime.documents import decode, encode
from quickbooks_app.sandbox.runtime.entities import ENTITIES
from quickbooks_app.sandbox.runtime.envelopes import response_xml
from quickbooks_app.sandbox.runtime.store import Store
from tests.functional.quickbooks_app.sandbox.conftest import REALM, START, Api
from tests.functional.quickbooks_app.sandbox.objects.bodies import BODIES, filled

INVOICE = f"""<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="{NAMESPACE}" domain="QBO" sparse="false">
  <DocNumber>X-1</DocNumber><PrivateNote>Gate B &amp; C</PrivateNote>
  <Line><Description>Beans</Description><Amount>125.00</Amount><DetailType>SalesItemLineDetail</DetailType>
    <SalesItemLineDetail><ItemRef name="House Blend, 5 lb">1</ItemRef><UnitPrice>62.5</UnitPrice><Qty>2</Qty>
      <TaxCodeRef>NON</TaxCodeRef></SalesItemLineDetail></Line>
  <CustomerRef>1</CustomerRef><CustomerMemo>Thank you</CustomerMemo>
  <BillEmail><Address>a@b.example</Address></BillEmail><AllowOnlineACHPayment>true</AllowOnlineACHPayment>
</Invoice>"""


def post_xml(api: Api, path: str, text: str) -> TestResponse:
    return api._open("post", path, data=text.encode(), content_type="application/xml")


def without_empty(value: Any) -> Any:
    """XML has no empty lists, and the wrapping of a payment's LineEx is Java's own."""
    if isinstance(value, dict):
        found = {key: without_empty(one) for key, one in value.items() if key != "LineEx"}
        return {key: one for key, one in found.items() if one not in ([], {})}
    return [without_empty(one) for one in value] if isinstance(value, list) else value


def test_an_invoice_in_xml_is_the_one_in_json(api: Api) -> None:
    answer = post_xml(api, "/invoice", INVOICE)
    assert answer.status_code == 200, answer.text
    made = answer.get_json()["Invoice"]
    assert (made["TotalAmt"], made["DocNumber"], made["PrivateNote"]) == (125, "X-1", "Gate B & C")
    assert made["CustomerMemo"] == {"value": "Thank you"}
    assert made["Line"][0]["SalesItemLineDetail"]["Qty"] == 2
    assert made["AllowOnlineACHPayment"] is True


def test_a_sparse_update_and_a_deletion_are_read_from_xml(api: Api) -> None:
    id = api.invoice(DocNumber="X-2")["Id"]
    body = f'<Invoice xmlns="{NAMESPACE}" sparse="true"><Id>{id}</Id><SyncToken>0</SyncToken>'
    changed = post_xml(api, "/invoice", f"{body}<PrivateNote>Later</PrivateNote></Invoice>").get_json()["Invoice"]
    assert (changed["PrivateNote"], changed["DocNumber"]) == ("Later", "X-2")
    gone = post_xml(api, "/invoice?operation=delete", body.replace(">0<", ">1<") + "</Invoice>")
    assert gone.get_json()["Invoice"]["status"] == "Deleted"


def test_a_batch_in_xml_creates_and_queries(api: Api) -> None:
    customer = "<Customer><DisplayName>Fig &amp; Thistle</DisplayName><Active>true</Active></Customer>"
    text = (
        f'<IntuitBatchRequest xmlns="{NAMESPACE}"><BatchItemRequest bId="a" operation="create">{customer}'
        '</BatchItemRequest><BatchItemRequest bId="b"><Query>select count(*) from Term</Query></BatchItemRequest>'
        "</IntuitBatchRequest>"
    )
    one, other = post_xml(api, "/batch", text).get_json()["BatchItemResponse"]
    assert one["Customer"]["DisplayName"] == "Fig & Thistle"
    assert other["QueryResponse"]["totalCount"] == 5


def test_every_object_can_be_written_in_xml_as_it_is_read(api: Api, store: Store) -> None:
    ids: dict[str, str] = {}
    for name, body in BODIES.items():
        answer = api.post(f"/{ENTITIES[name].url}", filled(body, ids))
        ids[name] = answer.get_json()[ENTITIES[name].key]["Id"]
    books = Books(store.connection(), realm=REALM, at=START)
    for entity in ENTITIES.values():
        for document in books.list_all(entity.name)[:40]:
            xml = response_xml({entity.key: document}, at=START).decode()
            inner = re.sub(r"^.*?<IntuitResponse[^>]*>|</IntuitResponse>$", "", xml)
            name, read = read_xml(inner.replace(f"<{entity.key}", f'<{entity.key} xmlns="{NAMESPACE}"', 1).encode())
            assert name == entity.key
            assert without_empty(decode(encode(read))) == without_empty(document)


@pytest.mark.parametrize(
    "text",
    [
        "<Invoice",
        "<Invoice/>",
        f'<Bill xmlns="{NAMESPACE}"/>',
        f'<Invoice xmlns="{NAMESPACE}"><DocNumber>1</DocNumber><DocNumber>2</DocNumber></Invoice>',
        f'<!DOCTYPE x [<!ENTITY a "b">]><Invoice xmlns="{NAMESPACE}"><DocNumber>&a;</DocNumber></Invoice>',
        f'<!DOCTYPE x SYSTEM "file:///etc/passwd"><Invoice xmlns="{NAMESPACE}"/>',
    ],
)
def test_what_is_not_quickbooks_xml_is_refused(api: Api, text: str) -> None:
    answer = post_xml(api, "/invoice", text)
    assert (answer.status_code, answer.get_json()["Fault"]["Error"][0]["code"]) == (400, "2010")


def test_a_number_that_is_none_is_refused_by_its_name(api: Api) -> None:
    answer = post_xml(api, "/invoice", INVOICE.replace("125.00", "a lot"))
    assert answer.get_json()["Fault"]["Error"][0] == {
        "Message": "Invalid value",
        "Detail": "Invalid Number : a lot",
        "code": "2080",
        "element": "Amount",
    }
