"""Create, update and delete in the sandbox: defaults that it fills in, errors, and fields it leaves unchanged."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quickbooks_app.sandbox.data.generate import MAIN_REALM, SECOND_REALM
from quickbooks_app.sandbox.oauth.tokens import Tokens
from quickbooks_app.sandbox.runtime.entities import ENTITIES
from quickbooks_app.sandbox.runtime.faults import Faults
from tests.functional.quickbooks_app.sandbox.conftest import Api, MovableClock, sales_line
from tests.functional.quickbooks_app.sandbox.objects.bodies import BODIES, filled


def known(document: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Id": document["Id"], "SyncToken": document["SyncToken"], **fields}


def test_a_small_invoice_comes_back_complete(api: Api) -> None:
    made = api.invoice("120.50", customer="4")
    assert made["TotalAmt"] == made["Balance"] == Decimal("120.50")
    assert made["TxnDate"] == "2026-11-20"
    assert made["DueDate"] == "2026-12-20"
    assert made["CustomerRef"]["name"] == "Night Owl Diner 🦉"
    assert made["BillAddr"]["City"] == "Tacoma"
    assert made["SyncToken"] == "0"
    assert made["sparse"] is False
    assert made["Line"][0]["SalesItemLineDetail"]["ItemRef"]["name"] == "House Blend, 5 lb"
    assert made["Line"][-1]["DetailType"] == "SubTotalLineDetail"
    assert made["MetaData"]["CreateTime"] == "2026-11-20T10:00:00-08:00"
    assert api.read("Invoice", made["Id"]) == made


@pytest.mark.parametrize(("term", "due"), [("1", "2026-11-20"), ("2", "2026-12-05"), ("5", "2027-02-18")])
def test_the_term_decides_the_due_date(api: Api, term: str, due: str) -> None:
    assert api.invoice(SalesTermRef={"value": term})["DueDate"] == due


def test_a_due_date_that_is_given_stays(api: Api) -> None:
    assert api.invoice(SalesTermRef={"value": "2"}, DueDate="2026-11-01")["DueDate"] == "2026-11-01"


def test_document_numbers_follow_one_another(api: Api) -> None:
    first, second = api.invoice(), api.invoice()
    assert int(second["DocNumber"]) == int(first["DocNumber"]) + 1


def test_a_used_document_number_is_refused_unless_allowed(api: Api) -> None:
    number = api.invoice(DocNumber="A-1")["DocNumber"]
    body = {"CustomerRef": {"value": "2"}, "Line": [sales_line("5")], "DocNumber": number}
    assert api.refused("/invoice", body)["code"] == "6140"
    assert api.write("Invoice", body, "?include=allowduplicatedocnum")["DocNumber"] == "A-1"


def test_duplicate_numbers_pass_when_the_company_does_not_mind(api: Api, faults: Faults) -> None:
    faults.set_rule("refuse_duplicate_numbers", on=False)
    assert api.invoice(DocNumber="A-1")["Id"] != api.invoice(DocNumber="A-1")["Id"]


def test_discount_and_tax_make_the_total(api: Api) -> None:
    discount = {
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10},
    }
    made = api.write(
        "Invoice",
        {
            "CustomerRef": {"value": "1"},
            "Line": [sales_line("500", TaxCodeRef={"value": "TAX"}), discount],
            "TxnTaxDetail": {"TxnTaxCodeRef": {"value": "2"}},
            "ApplyTaxAfterDiscount": True,
        },
    )
    assert made["TxnTaxDetail"]["TotalTax"] == Decimal("36.00")
    assert made["TxnTaxDetail"]["TaxLine"][0]["TaxLineDetail"]["NetAmountTaxable"] == Decimal("450.00")
    assert made["TotalAmt"] == Decimal("486.00")
    changed = api.write(
        "Invoice", known(made, sparse=True, Line=[sales_line("1000", TaxCodeRef={"value": "TAX"}), discount])
    )
    assert changed["TotalAmt"] == Decimal("972.00")


def test_the_tax_a_client_states_is_taken_as_it_is(api: Api) -> None:
    made = api.invoice("100", TxnTaxDetail={"TotalTax": 7.77})
    assert made["TotalAmt"] == Decimal("107.77")


def test_a_line_without_an_item_is_written_down_but_not_counted(api: Api) -> None:
    documentation = {"Amount": 40, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {}}
    made = api.write("Invoice", {"CustomerRef": {"value": "1"}, "Line": [sales_line("60"), documentation]})
    assert made["TotalAmt"] == 60


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"Line": [sales_line("5")]}, "2020"),
        ({"CustomerRef": {"value": "1"}}, "2020"),
        ({"CustomerRef": {"value": "999"}, "Line": [sales_line("5")]}, "2500"),
        ({"CustomerRef": {"value": "1"}, "Line": [sales_line("5", item="999")]}, "2500"),
        ({"CustomerRef": {"value": "1"}, "Line": [sales_line("5")], "DocNumber": "1" * 22}, "2050"),
        ({"CustomerRef": {"value": "1"}, "Line": [sales_line("5")], "DueDate": "soon"}, "2080"),
        ({"CustomerRef": {"value": "1"}, "Line": [sales_line("-5")]}, "6000"),
        ({"CustomerRef": {"value": "1"}, "Line": [sales_line("5")], "DueDte": "2026-12-01"}, "2010"),
    ],
)
def test_a_wrong_invoice_is_refused_and_leaves_no_trace(api: Api, body: dict[str, Any], code: str) -> None:
    before = api.query("select count(*) from Invoice")
    assert api.refused("/invoice", body)["code"] == code
    assert api.query("select count(*) from Invoice") == before


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["1", "8", "NaN", "1e30", "2026-13-01"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["value", "Amount", "DetailType", "Line", "LinkedTxn", "TxnId"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_request_however_odd_is_more_than_a_refusal(api: Api, data: st.DataObject) -> None:
    entity = data.draw(st.sampled_from(sorted(BODIES)))
    sound = filled(BODIES[entity], {"Vendor": "30", "Employee": "54", "Item": "1"})
    names = sorted(ENTITIES[entity].properties)
    odd = data.draw(st.dictionaries(st.sampled_from(names), ANYTHING, min_size=1, max_size=3))
    body = sound | odd
    answer = api.post(f"/{entity.lower()}", body)
    assert answer.status_code in (200, 400), (entity, body, answer.text)


def test_what_is_not_json_is_refused(api: Api) -> None:
    answer = api.client.post(
        f"/v3/company/{api.realm}/invoice", data=b"{", headers={"Authorization": f"Bearer {api.token}", **api.headers}
    )
    assert answer.get_json()["Fault"]["Error"][0]["code"] == "2010"


def test_a_sparse_update_changes_only_what_is_sent(api: Api, clock: MovableClock) -> None:
    made = api.invoice(CustomerMemo={"value": "Thanks"}, DueDate="2026-12-01")
    clock.advance(minutes=5)
    changed = api.write("Invoice", known(made, sparse=True, PrivateNote="Call first"))
    assert changed["SyncToken"] == "1"
    assert changed["MetaData"]["CreateTime"] == made["MetaData"]["CreateTime"]
    assert changed["MetaData"]["LastUpdatedTime"] == "2026-11-20T10:05:00-08:00"
    differing = {key for key in {**made, **changed} if made.get(key) != changed.get(key)}
    assert differing == {"SyncToken", "MetaData", "PrivateNote"}


def test_a_full_update_clears_what_is_not_sent(api: Api) -> None:
    made = api.invoice(CustomerMemo={"value": "Thanks"}, PrivateNote="Call first", BillEmail={"Address": "a@b.example"})
    changed = api.write("Invoice", known(made, CustomerRef={"value": "1"}, Line=[sales_line("80")]))
    assert changed["TotalAmt"] == changed["Balance"] == 80
    assert not {"CustomerMemo", "PrivateNote", "BillEmail", "DocNumber"} & set(changed)


@pytest.mark.parametrize("empty", [None, ""])
def test_an_empty_value_clears_a_field(api: Api, empty: object) -> None:
    made = api.invoice(PrivateNote="Call first", BillEmail={"Address": "a@b.example"})
    body = known(made, sparse=True, PrivateNote=empty, BillEmail=empty, DueDate=empty)
    changed = api.write("Invoice", body)
    assert not {"PrivateNote", "BillEmail"} & set(changed)
    assert changed["DueDate"] == "2026-12-20"


def test_an_update_that_changes_nothing_keeps_the_sync_token(api: Api, clock: MovableClock) -> None:
    made = api.invoice(PrivateNote="Same")
    clock.advance(minutes=5)
    assert api.write("Invoice", known(made, sparse=True, PrivateNote="Same")) == made
    assert api.write("Invoice", made) == made


@pytest.mark.parametrize("params", ["", "?operation=update", "?operation=void", "?operation=delete"])
def test_a_stale_sync_token_is_refused_whatever_the_operation(api: Api, params: str) -> None:
    made = api.invoice()
    api.write("Invoice", known(made, sparse=True, PrivateNote="First"))
    error = api.refused(f"/invoice{params}", known(made, sparse=True, PrivateNote="Second"))
    assert error["code"] == "5010"
    assert error["Message"] == "Stale Object Error"
    assert api.read("Invoice", made["Id"])["PrivateNote"] == "First"


def test_read_only_fields_are_not_heard(api: Api) -> None:
    made = api.invoice("100", Balance=1, TotalAmt=1, HomeBalance=1)
    assert made["Balance"] == made["TotalAmt"] == made["HomeBalance"] == 100


def test_a_request_id_acts_once(api: Api) -> None:
    body = {"CustomerRef": {"value": "1"}, "Line": [sales_line("5")]}
    first = api.post("/invoice?requestid=abc", body)
    second = api.post("/invoice?requestid=abc", body)
    assert first.data == second.data
    assert api.post("/invoice?requestid=abd", body).get_json()["Invoice"]["Id"] != first.get_json()["Invoice"]["Id"]


def test_a_deleted_invoice_cannot_be_read_again(api: Api) -> None:
    made = api.invoice()
    gone = api.write("Invoice", known(made), "?operation=delete")
    assert gone == {"domain": "QBO", "status": "Deleted", "Id": made["Id"]}
    answer = api.get(f"/invoice/{made['Id']}")
    assert answer.status_code == 400
    assert answer.get_json()["Fault"]["Error"][0]["code"] == "610"


def test_customers_have_names_of_their_own(api: Api) -> None:
    assert api.refused("/customer", {"DisplayName": "o'malley's MARKET"})["code"] == "6240"
    assert api.refused("/customer", {"DisplayName": "A:B"})["code"] == "2080"
    assert api.write("Customer", {"GivenName": "Ada", "FamilyName": "Byron"})["DisplayName"] == "Ada Byron"


def test_a_rename_shows_on_old_invoices_without_touching_them(api: Api, clock: MovableClock) -> None:
    made = api.invoice(customer="2")
    clock.advance(minutes=1)
    api.write("Customer", known(api.read("Customer", "2"), sparse=True, DisplayName="O'Malley & Daughters"))
    after = api.read("Invoice", made["Id"])
    assert after == {**made, "CustomerRef": {"value": "2", "name": "O'Malley & Daughters"}}


def test_a_job_follows_its_parents_new_name(api: Api) -> None:
    api.write("Customer", known(api.read("Customer", "5"), sparse=True, DisplayName="Brightwater Foods"))
    assert api.read("Customer", "6")["FullyQualifiedName"] == "Brightwater Foods:Store 12, Burnside"


def test_a_customer_is_made_inactive_not_deleted(api: Api) -> None:
    customer = api.write("Customer", {"DisplayName": "Brief"})
    answer = api.post("/customer?operation=delete", known(customer))
    assert answer.get_json()["Fault"]["Error"][0]["code"] == "500"
    resting = api.write("Customer", known(customer, sparse=True, Active=False))
    assert resting["DisplayName"] == resting["FullyQualifiedName"] == "Brief (deleted)"
    assert api.write("Customer", known(resting, sparse=True, Active=True))["DisplayName"] == "Brief"


def test_a_job_stands_under_its_parent(api: Api) -> None:
    job = api.write("Customer", {"DisplayName": "Roof", "ParentRef": {"value": "1"}})
    assert job["Job"] is True
    assert job["Level"] == 1
    assert job["FullyQualifiedName"] == "Cedar & Pine Café:Roof"


@pytest.mark.parametrize(
    ("entity", "body"), [("Item", {"Name": "Filter"}), ("Term", {"Name": "Net 45", "DueDays": 45})]
)
def test_items_and_terms_can_be_created(api: Api, entity: str, body: dict[str, Any]) -> None:
    made = api.write(entity, body)
    assert api.read(entity, made["Id"]) == made
    assert api.refused(f"/{entity.lower()}", body)["code"] == "6240"


def test_another_currency_brings_its_rate_and_the_home_amounts(api: Api) -> None:
    made = api.invoice("100", customer="12", ExchangeRate=1.08)
    assert made["CurrencyRef"]["value"] == "EUR"
    assert made["HomeTotalAmt"] == made["HomeBalance"] == 108
    api.pay(made, "40")
    assert api.read("Invoice", made["Id"])["HomeBalance"] == Decimal("64.80")


@pytest.mark.parametrize("realm", [MAIN_REALM, SECOND_REALM])
@pytest.mark.parametrize("entity", ["CreditMemo", "Invoice"])
def test_a_rate_of_0_is_no_rate(
    client: FlaskClient, give_tokens: Callable[..., Tokens], realm: str, entity: str
) -> None:
    api = Api(client=client, token=give_tokens(realm=realm).access, realm=realm)
    made = api.write(entity, {"CustomerRef": {"value": "2"}, "ExchangeRate": 0, "Line": [sales_line("10")]})
    assert made.get("ExchangeRate") == (1 if realm == MAIN_REALM else None)
