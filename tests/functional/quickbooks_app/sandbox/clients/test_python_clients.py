"""Clients written for Intuit's servers work unchanged against the sandbox, over real sockets."""

import json
import socket
from datetime import UTC, datetime, timedelta

import pytest
import requests
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from intuitlib.exceptions import AuthClientError
from quickbooks import QuickBooks
from quickbooks.cdc import change_data_capture
from quickbooks.exceptions import (
    AuthorizationException,
    ObjectNotFoundException,
    QuickbooksException,
    ValidationException,
)
from quickbooks.objects.company_info import CompanyInfo
from quickbooks.objects.customer import Customer
from quickbooks.objects.detailline import SalesItemLine, SalesItemLineDetail
from quickbooks.objects.invoice import Invoice
from quickbooks.objects.item import Item
from quickbooks.objects.payment import Payment, PaymentLine
from requests_oauthlib import OAuth2Session

from tests.functional.quickbooks_app.sandbox.clients.conftest import consent
from tests.functional.quickbooks_app.sandbox.conftest import REALM, REDIRECT
from tests.support.processes.sandbox_server import Server


def new_invoice(books: QuickBooks, customer: Customer, amount: float) -> Invoice:
    line = SalesItemLine()
    line.Amount = amount
    line.SalesItemLineDetail = SalesItemLineDetail()
    line.SalesItemLineDetail.ItemRef = Item.all(max_results=1, qb=books)[0].to_ref()
    invoice = Invoice()
    invoice.CustomerRef = customer.to_ref()
    invoice.Line.append(line)
    return invoice.save(qb=books)


def new_customer(books: QuickBooks, name: str) -> Customer:
    customer = Customer()
    customer.DisplayName = name
    return customer.save(qb=books)


def test_intuit_oauth_connects_refreshes_and_revokes(auth: AuthClient, session: requests.Session) -> None:
    answer = consent(session, auth.get_authorization_url([Scopes.ACCOUNTING, Scopes.OPENID, Scopes.EMAIL]))
    assert answer["state"] == auth.state_token
    auth.get_bearer_token(answer["code"], realm_id=answer["realmId"])
    # intuit-oauth keeps an id_token only if its signature, issuer and audience are right.
    assert auth.id_token
    assert auth.get_user_info().json()["email"] == "a@b.example"
    first = auth.access_token
    auth.refresh()
    assert auth.access_token != first
    assert auth.x_refresh_token_expires_in <= 8726400
    assert auth.revoke()
    with pytest.raises(AuthClientError) as refused:
        auth.refresh()
    assert refused.value.status_code == 400
    assert "invalid_grant" in str(refused.value.content)


def test_requests_oauthlib_connects_and_refreshes(
    server: Server, session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    token_url = f"{server.base}/oauth2/v1/tokens/bearer"
    keys = {"client_id": "infactor-local", "client_secret": "infactor-local-secret"}
    with OAuth2Session(
        keys["client_id"],
        redirect_uri=REDIRECT,
        scope="com.intuit.quickbooks.accounting",
        auto_refresh_url=token_url,
        auto_refresh_kwargs=keys,
        token_updater=lambda token: None,
    ) as app:
        address, state = app.authorization_url(f"{server.base}/connect/oauth2")
        answer = consent(session, address)
        assert answer["state"] == state
        app.fetch_token(token_url, code=answer["code"], client_secret=keys["client_secret"])
        fresh = app.refresh_token(token_url, **keys)
        assert fresh["token_type"] == "bearer"
        company = app.get(
            f"{server.base}/v3/company/{REALM}/companyinfo/{REALM}", headers={"Accept": "application/json"}
        )
        assert company.json()["CompanyInfo"]["CompanyName"] == "Larkspur Coffee Roasters"
        made = app.post(
            f"{server.base}/v3/company/{REALM}/customer",
            params={"requestid": "oauthlib"},
            json={"DisplayName": "Oauthlib Orchard"},
            headers={"Accept": "application/json"},
        ).json()["Customer"]
        read = app.get(f"{server.base}/v3/company/{REALM}/customer/{made['Id']}", params={"format": "json"})
        assert read.json()["Customer"] == made


def test_python_quickbooks_reads_the_company(books: QuickBooks) -> None:
    assert CompanyInfo.get(REALM, qb=books).CompanyName == "Larkspur Coffee Roasters"
    assert Customer.filter(Active=True, FamilyName="Okafor", qb=books)[0].DisplayName == "Tamsin Okafor Catering"
    assert len(Invoice.all(qb=books)) >= 60
    assert Invoice.count("Balance > '0'", qb=books) == len(Invoice.where("Balance > '0'", qb=books))


def test_python_quickbooks_invoices_and_takes_payment(books: QuickBooks) -> None:
    customer = new_customer(books, "Quay Street Kiosk")
    invoice = new_invoice(books, customer, 250.75)
    assert invoice.Balance == 250.75
    part = PaymentLine()
    part.Amount = 100.5
    part.LinkedTxn.append(invoice.to_linked_txn())
    payment = Payment()
    payment.CustomerRef = customer.to_ref()
    payment.TotalAmt = 100.5
    payment.Line.append(part)
    payment = payment.save(qb=books)
    assert Invoice.get(int(invoice.Id), qb=books).Balance == 150.25
    assert Customer.get(int(customer.Id), qb=books).Balance == 150.25
    payment.void(qb=books)
    assert Invoice.get(int(invoice.Id), qb=books).Balance == 250.75


def test_python_quickbooks_updates_voids_and_deletes(books: QuickBooks) -> None:
    customer = new_customer(books, "Lantern Yard Canteen")
    invoice = new_invoice(books, customer, 80)
    invoice.PrivateNote = "Deliver before eight"
    invoice = invoice.save(qb=books)
    assert (invoice.SyncToken, invoice.PrivateNote) == ("1", "Deliver before eight")
    invoice.void(qb=books)
    void = Invoice.get(int(invoice.Id), qb=books)
    assert (void.TotalAmt, void.SyncToken) == (0, "2")
    with pytest.raises(QuickbooksException) as stale:
        invoice.save(qb=books)
    assert stale.value.error_code == 5010
    void.delete(qb=books)
    with pytest.raises(ObjectNotFoundException):
        Invoice.get(int(invoice.Id), qb=books)


def test_python_quickbooks_hears_of_changes_and_deletions(books: QuickBooks) -> None:
    customer = new_customer(books, "Tollgate Tearoom")
    kept, gone = new_invoice(books, customer, 10), new_invoice(books, customer, 20)
    gone.delete(qb=books)
    since = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    changes = change_data_capture([Invoice, Customer], since, qb=books)
    told = {one.Id: getattr(one, "status", None) for one in changes.Invoice}
    assert (told[kept.Id], told[gone.Id]) == (None, "Deleted")
    assert customer.Id in [one.Id for one in changes.Customer]


def test_python_quickbooks_reads_the_reports(books: QuickBooks) -> None:
    customer = new_customer(books, "Chandlers Wharf Diner")
    invoice = new_invoice(books, customer, 310.4)
    report = books.get_report("AgedReceivableDetail", {"customer": customer.Id})
    (row,) = report["Rows"]["Row"][0]["Rows"]["Row"]
    assert (row["ColData"][1], row["ColData"][-1]) == ({"value": "Invoice", "id": invoice.Id}, {"value": "310.40"})
    trial = books.get_report("TrialBalance")["Rows"]["Row"]
    assert trial[-1]["Summary"]["ColData"][1] == trial[-1]["Summary"]["ColData"][2]
    with pytest.raises(QuickbooksException) as unknown:
        books.get_report("ARAgingDetail")
    assert unknown.value.error_code == 5020


def test_python_quickbooks_turns_faults_into_its_own_errors(books: QuickBooks) -> None:
    with pytest.raises(ValidationException) as unknown:
        books.query("select * from Invoyce")
    assert unknown.value.error_code == 4001
    with pytest.raises(QuickbooksException) as negative:
        new_invoice(books, Customer.choose(["1"], qb=books)[0], -5)
    assert negative.value.error_code == 6000
    books.auth_client.revoke()
    with pytest.raises(AuthorizationException):
        Customer.all(qb=books)


def raw_answer(server: Server, head: str, body: bytes) -> bytes:
    """What the server says to a request whose body does not come in whole."""
    with socket.create_connection(("127.0.0.1", int(server.base.rpartition(":")[2])), timeout=20) as wire:
        wire.sendall(head.encode() + body)
        return wire.recv(4096)


def test_an_upload_over_100_mb_is_refused_before_it_has_come_in(server: Server) -> None:
    head = (
        f"POST /v3/company/{REALM}/upload HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer x\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {100 * 1024 * 1024 + 1}\r\n\r\n"
    )
    assert raw_answer(server, head, b"--b\r\n").startswith(b"HTTP/1.1 413 ")


def test_an_answer_that_breaks_off_leaves_the_object(books: QuickBooks, server: Server) -> None:
    customer = new_customer(books, "Broken Wire Books")
    body = {"DisplayName": "Broken Wire Annex", "ParentRef": {"value": customer.Id}}
    fault = {"kind": "answer_cut", "target": "writes", "times": "1"}
    requests.post(f"{server.base}/control/faults", data=fault, timeout=20)
    with pytest.raises(requests.RequestException):
        books.create_object("Customer", json.dumps(body), request_id="annex")
    again = books.create_object("Customer", json.dumps(body), request_id="annex")
    assert Customer.count("DisplayName = 'Broken Wire Annex'", qb=books) == 1
    assert again["Customer"]["DisplayName"] == "Broken Wire Annex"
