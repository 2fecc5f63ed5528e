"""Journal entries, deposits and checks over the API: what QuickBooks takes, and what it refuses."""

from decimal import Decimal
from typing import Any

import pytest

from tests.functional.quickbooks_app.sandbox.conftest import Api

Body = dict[str, Any]
RECEIVABLES, EXPENSE, BANK = "84", "94", "35"


def journal_line(side: str, account: str, amount: float = 100, customer: str = "") -> Body:
    detail: Body = {"PostingType": side, "AccountRef": {"value": account}}
    if customer:
        detail["Entity"] = {"Type": "Customer", "EntityRef": {"value": customer}}
    return {"Amount": amount, "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": detail}


def credit_entry(customer: str, amount: float = 100) -> Body:
    return {"Line": [journal_line("Credit", RECEIVABLES, amount, customer), journal_line("Debit", EXPENSE, amount)]}


def linked(kind: str, id: str, amount: float) -> Body:
    return {"Amount": amount, "LinkedTxn": [{"TxnType": kind, "TxnId": id}]}


@pytest.fixture
def customer(api: Api) -> str:
    return str(api.write("Customer", {"DisplayName": "Entry Ltd"})["Id"])


def balance(api: Api, customer: str) -> Decimal:
    return Decimal(api.read("Customer", customer)["Balance"])


def test_a_journal_entry_is_kept_as_recorded_and_found_by_query_and_changes(api: Api, customer: str) -> None:
    made = api.write("JournalEntry", {**credit_entry(customer), "DocNumber": "JE-1"})
    assert (made["TotalAmt"], made["Adjustment"], made["TxnDate"]) == (0, False, "2026-11-20")
    assert [line["Id"] for line in made["Line"]] == ["0", "1"]
    assert api.query("select * from JournalEntry where DocNumber = 'JE-1'")["JournalEntry"] == [made]
    found = api.get("/cdc", query_string={"entities": "JournalEntry", "changedSince": "2026-11-20"}).get_json()
    assert [one["Id"] for one in found["CDCResponse"][0]["QueryResponse"][0]["JournalEntry"]] == [made["Id"]]
    assert balance(api, customer) == -100


def test_an_entry_that_is_changed_or_deleted_moves_the_balance(api: Api, customer: str) -> None:
    made = api.write("JournalEntry", credit_entry(customer))
    head = {"Id": made["Id"], "SyncToken": made["SyncToken"], "sparse": True}
    made = api.write("JournalEntry", {**head, **credit_entry(customer, 40)})
    assert balance(api, customer) == -40
    api.write("JournalEntry", {"Id": made["Id"], "SyncToken": made["SyncToken"]}, "?operation=delete")
    assert balance(api, customer) == 0


def test_what_payments_use_of_an_entry_can_neither_shrink_nor_be_deleted(api: Api, customer: str) -> None:
    bill, made = api.invoice("70", customer=customer), api.write("JournalEntry", credit_entry(customer))
    lines = [linked("Invoice", bill["Id"], 70), linked("JournalEntry", made["Id"], 70)]
    api.write("Payment", {"CustomerRef": {"value": customer}, "TotalAmt": 0, "Line": lines})
    head = {"Id": made["Id"], "SyncToken": made["SyncToken"]}
    assert api.refused("/journalentry?operation=delete", head)["code"] == "6000"
    assert api.refused("/journalentry", {**head, "sparse": True, **credit_entry(customer, 69)})["code"] == "6000"
    api.write("JournalEntry", {**head, "sparse": True, **credit_entry(customer, 80)})
    assert balance(api, customer) == -10


def test_a_payment_uses_no_more_of_an_entry_than_is_open(api: Api, customer: str) -> None:
    bill, made = api.invoice("500", customer=customer), api.write("JournalEntry", credit_entry(customer))
    too_much = [linked("Invoice", bill["Id"], 101), linked("JournalEntry", made["Id"], 101)]
    body = {"CustomerRef": {"value": customer}, "TotalAmt": 0, "Line": too_much}
    assert api.refused("/payment", body)["code"] == "6000"
    stranger = {**body, "CustomerRef": {"value": "1"}, "Line": [linked("JournalEntry", made["Id"], 1)]}
    assert api.refused("/payment", stranger)["code"] == "2500"


def test_a_refund_by_check_is_paid_from_an_unapplied_credit(api: Api, customer: str) -> None:
    """The customer overpaid 25; a check on receivables gives it back, and a payment of 0 lays both together."""
    made = api.write("CreditMemo", {"CustomerRef": {"value": customer}, "Line": [item_line(25)]})
    share = {"AccountRef": {"value": RECEIVABLES}, "CustomerRef": {"value": customer}}
    lines = [{"Amount": 25, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": share}]
    check = api.write("Purchase", {"PaymentType": "Check", "AccountRef": {"value": BANK}, "Line": lines})
    assert balance(api, customer) == 0
    settled = [linked("Check", check["Id"], 25), linked("CreditMemo", made["Id"], 25)]
    paid = api.write("Payment", {"CustomerRef": {"value": customer}, "TotalAmt": 0, "Line": settled})
    assert (paid["UnappliedAmt"], balance(api, customer)) == (0, 0)
    assert api.report("AgedReceivableDetail", customer=customer)["Rows"] == {}


def item_line(amount: float) -> Body:
    detail = {"ItemRef": {"value": "1"}}
    return {"Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}


@pytest.mark.parametrize(
    ("url", "body", "code"),
    [
        ("/journalentry", {"Line": []}, "2020"),
        ("/journalentry", {"Line": [journal_line("Debit", RECEIVABLES), journal_line("Credit", EXPENSE)]}, "6000"),
        ("/journalentry", {"Line": [journal_line("Debit", BANK), journal_line("Credit", EXPENSE, 99)]}, "6000"),
        ("/journalentry", {"Line": [journal_line("Left", BANK), journal_line("Credit", EXPENSE)]}, "2020"),
        ("/journalentry", {"Line": [journal_line("Debit", "777"), journal_line("Credit", EXPENSE)]}, "2500"),
        ("/journalentry", credit_entry("999999"), "2500"),
        ("/deposit", {"Line": [{"Amount": 5}]}, "2020"),
        ("/deposit", {"Line": [{"Amount": "x", "DepositLineDetail": {"AccountRef": {"value": "79"}}}]}, "2080"),
        ("/purchase", {"Line": [{"Amount": 5, "AccountBasedExpenseLineDetail": {}}]}, "2020"),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused(api: Api, url: str, body: Body, code: str) -> None:
    assert api.refused(url, body)["code"] == code
