"""The sandbox's control pages, where a person edits the company's books."""

import re

import pytest
from flask.testing import FlaskClient

from quickbooks_app.sandbox.data import generate as generator
from tests.functional.quickbooks_app.sandbox.conftest import Api


def sync_token(page: str) -> str:
    found = re.search(r'name="sync_token" value="(\d+)"', page)
    assert found
    return found.group(1)


def edit(client: FlaskClient, id: str, **fields: str) -> str:
    """Change fields of the current form and submit it, as a browser would."""
    page = client.get(f"/invoices/{id}").text
    form = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
    answer = client.post(f"/invoices/{id}", data={**form, **fields}, follow_redirects=True)
    return answer.text


def test_the_first_page_shows_the_company_and_how_to_connect(client: FlaskClient) -> None:
    page = client.get("/").text
    assert "Larkspur Coffee Roasters" in page
    assert "/.well-known/openid_sandbox_configuration" in page
    assert "http://localhost:3000/quickbook/connect" in page


def test_the_second_company_has_books_of_its_own(client: FlaskClient) -> None:
    page = client.get(f"/invoices?realm={generator.SECOND_REALM}").text
    assert "Harbor &amp; Vine Ceramics" in page
    assert "Cedar" not in page
    assert client.get("/?realm=123").status_code == 404


@pytest.mark.parametrize(("search", "found"), [("po-7781", "Malley"), ("SAINT-ÉLOI", "Hôtel Saint-Éloi")])
def test_invoices_are_found_by_number_and_customer(client: FlaskClient, search: str, found: str) -> None:
    page = client.get("/invoices", query_string={"q": search}).text
    assert found in page
    assert "Kestrel" not in page


def test_invoices_come_in_pages(client: FlaskClient) -> None:
    first, second = client.get("/invoices").text, client.get("/invoices?page=2").text
    ids = [set(re.findall(r"/invoices/(\d+)", page)) for page in (first, second)]
    assert len(ids[0]) == len(ids[1]) == 25
    assert not ids[0] & ids[1]


def test_a_percent_sign_in_a_search_means_itself(client: FlaskClient) -> None:
    assert "No invoice matches" in client.get("/invoices", query_string={"q": "%"}).text


def test_an_edit_reaches_the_api(client: FlaskClient, api: Api) -> None:
    made = api.invoice("100")
    changed_fields = {"due_date": "2027-02-03", "email": "new@buyer.example", "memo": "Thank you", "number": "X-9"}
    assert "Saved." in edit(client, made["Id"], **{"amount-1": "1,250.50", **changed_fields})
    changed = api.read("Invoice", made["Id"])
    assert float(changed["TotalAmt"]) == float(changed["Balance"]) == 1250.5
    assert changed["DueDate"] == "2027-02-03"
    assert changed["BillEmail"] == {"Address": "new@buyer.example"}
    assert changed["CustomerMemo"] == {"value": "Thank you"}
    assert changed["DocNumber"] == "X-9"
    assert changed["SyncToken"] == "1"


def test_an_edit_of_what_somebody_else_changed_is_refused(client: FlaskClient, api: Api) -> None:
    made = api.invoice("100")
    token = sync_token(client.get(f"/invoices/{made['Id']}").text)
    api.write("Invoice", {"Id": made["Id"], "SyncToken": token, "sparse": True, "PrivateNote": "First"})
    answer = client.post(f"/invoices/{made['Id']}", data={"sync_token": token, "note": "Second", "amount-1": "100"})
    assert answer.status_code == 400
    assert "working on this at the same time" in answer.text
    assert api.read("Invoice", made["Id"])["PrivateNote"] == "First"


def test_what_is_no_amount_is_explained(client: FlaskClient, api: Api) -> None:
    made = api.invoice("100")
    assert "Not an amount: plenty" in edit(client, made["Id"], **{"amount-1": "plenty"})
    assert api.read("Invoice", made["Id"]) == made


def test_the_inner_lines_of_a_bundle_can_be_edited(client: FlaskClient, api: Api) -> None:
    invoices = api.query("select * from Invoice maxresults 1000")["Invoice"]
    bundle = next(one for one in invoices if one["Line"][0]["DetailType"] == "GroupLineDetail")
    inner = bundle["Line"][0]["GroupLineDetail"]["Line"][0]
    edit(client, bundle["Id"], **{f"amount-{inner['Id']}": str(inner["Amount"] + 100)})
    assert api.read("Invoice", bundle["Id"])["TotalAmt"] == bundle["TotalAmt"] + 100


def test_a_payment_recorded_here_is_seen_by_the_api(client: FlaskClient, api: Api) -> None:
    made = api.invoice("100")
    form = {"amount": "130", "date": "2026-11-19", "reference": "CHQ 7"}
    assert "Payment recorded." in client.post(f"/invoices/{made['Id']}/pay", data=form, follow_redirects=True).text
    paid = api.read("Invoice", made["Id"])
    payment = api.read("Payment", paid["LinkedTxn"][0]["TxnId"])
    assert paid["Balance"] == 0
    assert (payment["UnappliedAmt"], payment["PaymentRefNum"], payment["TxnDate"]) == (30, "CHQ 7", "2026-11-19")


def test_an_order_and_a_delivery_note_back_an_invoice(client: FlaskClient, api: Api) -> None:
    made = api.invoice("100")
    done = client.post(f"/invoices/{made['Id']}/prove", follow_redirects=True).text
    assert "The estimate and the delivery note are in the books." in done
    link = api.read("Invoice", made["Id"])["LinkedTxn"]
    estimate = api.read("Estimate", link[0]["TxnId"])
    assert (estimate["TotalAmt"], estimate["AcceptedBy"]) == (made["TotalAmt"], "Purchasing")
    query = f"SELECT * FROM Attachable WHERE AttachableRef.EntityRef.value = '{made['Id']}'"
    assert [one["FileName"] for one in api.query(query)["Attachable"]] == [f"Delivery note {estimate['DocNumber']}.pdf"]


@pytest.mark.parametrize("kind", ["CreditMemo", "JournalEntry", "Deposit", "Check", "Expense"])
def test_a_credit_applied_here_is_a_payment_of_zero_in_the_api(client: FlaskClient, api: Api, kind: str) -> None:
    made = api.invoice("100")
    form = {"kind": kind, "amount": "30"}
    assert "Credit applied." in client.post(f"/invoices/{made['Id']}/credit", data=form, follow_redirects=True).text
    after = api.read("Invoice", made["Id"])
    assert after["Balance"] == after["TotalAmt"] - 30
    payment = api.read("Payment", after["LinkedTxn"][-1]["TxnId"])
    assert payment["TotalAmt"] == 0
    assert {line["LinkedTxn"][0]["TxnType"] for line in payment["Line"]} == {"Invoice", kind}


def test_a_kind_of_credit_that_is_none_is_explained(client: FlaskClient, api: Api) -> None:
    made = api.invoice("100")
    answer = client.post(f"/invoices/{made['Id']}/credit", data={"kind": "Wish", "amount": "30"})
    assert answer.status_code == 400
    assert "Not a kind of credit: Wish" in answer.text


def test_the_customer_and_the_deposit_of_an_invoice_can_be_changed(client: FlaskClient, api: Api) -> None:
    made = api.invoice("100")
    edit(client, made["Id"], customer="2", deposit="40")
    after = api.read("Invoice", made["Id"])
    assert (after["CustomerRef"]["value"], after["Deposit"]) == ("2", 40)


def test_voiding_and_deleting_reach_the_api(client: FlaskClient, api: Api) -> None:
    made = api.invoice("100")
    client.post(f"/invoices/{made['Id']}/void", data={"sync_token": "0"})
    assert api.read("Invoice", made["Id"])["PrivateNote"] == "Voided"
    answer = client.post(f"/invoices/{made['Id']}/delete", data={"sync_token": "1"})
    assert answer.status_code == 303
    assert api.get(f"/invoice/{made['Id']}").status_code == 400
    assert client.get(f"/invoices/{made['Id']}").status_code == 404


def test_a_refusal_is_shown_on_the_page(client: FlaskClient, api: Api) -> None:
    made = api.invoice("100")
    api.pay(made, "10")
    answer = client.post(f"/invoices/{made['Id']}/void", data={"sync_token": "0"})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


def test_a_new_invoice_can_be_made(client: FlaskClient, api: Api) -> None:
    form = {
        "customer": "4",
        "item-1": "1",
        "quantity-1": "3",
        "price-1": "62.50",
        "text-1": "Beans",
        "email": "x@y.example",
    }
    page = client.post("/invoices/new", data=form, follow_redirects=True).text
    id = re.search(r"· id (\d+) ·", page)
    assert id
    made = api.read("Invoice", id.group(1))
    assert float(made["TotalAmt"]) == 187.5
    assert made["CustomerRef"]["value"] == "4"
    assert "Required parameter Line" in client.post("/invoices/new", data={"customer": "4"}).text


def test_pages_hold_no_inline_code_and_load_nothing_from_elsewhere(client: FlaskClient, api: Api) -> None:
    made = api.invoice()
    client.post("/control/faults", data={"kind": "slow"})
    for path in ("/", "/invoices", f"/invoices/{made['Id']}", "/invoices/new", "/customers", "/calls", "/faults"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|(?:src|href)=\"https?://", answer.text)


def test_what_a_customer_is_called_cannot_become_markup(client: FlaskClient, api: Api) -> None:
    customer = api.write("Customer", {"DisplayName": "<script>alert(1)</script>"})
    made = api.invoice(customer=customer["Id"])
    page = client.get(f"/invoices/{made['Id']}").text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("path", ["/invoices/1/void", "/control/faults", "/control/tokens"])
def test_a_form_from_another_site_is_not_taken(client: FlaskClient, path: str) -> None:
    answer = client.post(path, data={"kind": "slow"}, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403
