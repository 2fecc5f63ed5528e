"""What `include` adds to an answer."""

import pytest

from tests.functional.quickbooks_app.sandbox.conftest import Api

PAYABLE = {"AllowOnlineACHPayment": True, "BillEmail": {"Address": "ap@buyer.example"}}


def test_the_link_of_an_invoice_comes_with_reads_queries_and_writes_that_ask_for_it(api: Api) -> None:
    made = api.invoice(**PAYABLE)
    assert "InvoiceLink" not in made
    read = api.get(f"/invoice/{made['Id']}?include=invoiceLink").get_json()["Invoice"]
    assert read["InvoiceLink"].startswith("https://connect.intuit.com/portal/app/CommerceNetwork/view/scs-v1-")
    assert read["InvoiceLink"].endswith("?locale=en_US&cta=v3invoicelink")
    query = {"query": f"select * from Invoice where Id = '{made['Id']}'", "include": "invoiceLink"}
    (queried,) = api.get("/query", query_string=query).get_json()["QueryResponse"]["Invoice"]
    change = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "Gate B"}
    written = api.write("Invoice", change, "?include=invoiceLink")
    assert queried["InvoiceLink"] == written["InvoiceLink"] == read["InvoiceLink"]


@pytest.mark.parametrize("missing", ["AllowOnlineACHPayment", "BillEmail"])
def test_an_invoice_that_cannot_be_paid_online_or_has_no_address_has_no_link(api: Api, missing: str) -> None:
    made = api.invoice(**{key: value for key, value in PAYABLE.items() if key != missing})
    assert "InvoiceLink" not in api.get(f"/invoice/{made['Id']}?include=invoiceLink").get_json()["Invoice"]
