"""The sandbox's query language: results, order and errors."""

from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient

from quickbooks_app.sandbox.runtime.faults import Faults
from tests.functional.quickbooks_app.sandbox.conftest import Api


def ids(found: dict[str, Any], entity: str = "Invoice") -> list[str]:
    return [one["Id"] for one in found.get(entity, [])]


@pytest.fixture
def everything(api: Api) -> list[dict[str, Any]]:
    invoices: list[dict[str, Any]] = api.query("select * from Invoice maxresults 1000")["Invoice"]
    assert len(invoices) >= 60
    return invoices


@pytest.mark.parametrize(
    ("where", "keeps"),
    [
        ("Balance > '0'", lambda one: one["Balance"] > 0),
        ("Balance > 0", lambda one: one["Balance"] > 0),
        ("Balance = '0' AND TotalAmt > '0'", lambda one: one["Balance"] == 0 and one["TotalAmt"] > 0),
        ("TotalAmt >= '5800.00'", lambda one: one["TotalAmt"] >= 5800),
        ("totalamt < '1000'", lambda one: one["TotalAmt"] < 1000),
        ("DueDate <= CURRENT_DATE", lambda one: one["DueDate"] <= "2026-11-20"),
        ("TxnDate > '2026-10-15'", lambda one: one["TxnDate"] > "2026-10-15"),
        ("CustomerRef = '1'", lambda one: one["CustomerRef"]["value"] == "1"),
        ("CustomerRef IN ('1', '5')", lambda one: one["CustomerRef"]["value"] in ("1", "5")),
        ("DocNumber LIKE '10%'", lambda one: one.get("DocNumber", "").startswith("10")),
        ("docnumber = 'po-7781'", lambda one: one.get("DocNumber") == "PO-7781"),
        ("DocNumber = ' '", lambda one: "DocNumber" not in one),
        (
            "MetaData.CreateTime >= '2026-10-01T00:00:00-07:00' AND MetaData.CreateTime < '2026-11-01'",
            lambda one: "2026-10-01" <= one["MetaData"]["CreateTime"][:10] < "2026-11-01",
        ),
    ],
)
def test_a_condition_finds_exactly_what_it_says(
    api: Api, everything: list[dict[str, Any]], where: str, keeps: Any
) -> None:
    expected = {one["Id"] for one in everything if keeps(one)}
    found = api.query(f"select * from Invoice where {where} maxresults 1000")
    assert 0 < len(expected) < len(everything)
    assert set(ids(found)) == expected
    assert api.query(f"select count(*) from Invoice where {where}") == {"totalCount": len(expected)}


def test_keywords_entities_and_names_do_not_mind_capitals(api: Api) -> None:
    one = api.query("SELECT * FROM INVOICE WHERE balance > '0' ORDERBY txndate DESC MAXRESULTS 5")
    other = api.query("select * from invoice where Balance > '0' order by TxnDate desc maxresults 5")
    assert ids(one) == ids(other)
    assert len(ids(one)) == 5


def test_the_last_clauses_may_stand_in_any_order(api: Api) -> None:
    one = api.query("select * from Invoice maxresults 3 startposition 4 orderby TxnDate, DocNumber desc")
    other = api.query("select * from Invoice orderby TxnDate, DocNumber desc startposition 4 maxresults 3")
    assert ids(one) == ids(other)
    assert one["startPosition"] == 4
    assert one["maxResults"] == 3


def test_several_columns_sort_one_within_the_other(api: Api) -> None:
    invoices = api.query("select * from Invoice orderby DueDate desc, Balance maxresults 1000")["Invoice"]
    keys = [(one["DueDate"], one["Balance"]) for one in invoices]
    assert keys == sorted(keys, key=lambda key: (-int(key[0].replace("-", "")), key[1]))


def test_amounts_sort_as_numbers(api: Api) -> None:
    invoices = api.query("select * from Invoice orderby TotalAmt maxresults 1000")["Invoice"]
    totals = [Decimal(one["TotalAmt"]) for one in invoices]
    assert totals == sorted(totals)


def test_without_an_order_the_latest_change_comes_first(api: Api) -> None:
    touched = api.query("select * from Invoice where Balance > '0' orderby TxnDate maxresults 1")["Invoice"][0]
    api.write(
        "Invoice", {"Id": touched["Id"], "SyncToken": touched["SyncToken"], "sparse": True, "DueDate": "2027-01-31"}
    )
    assert ids(api.query("select * from Invoice maxresults 1")) == [touched["Id"]]


def test_customers_come_by_name_with_jobs_after_their_parent(api: Api) -> None:
    names = [one["FullyQualifiedName"] for one in api.query("select * from Customer")["Customer"]]
    parent = names.index("Brightwater Grocers")
    assert names[parent + 1] == "Brightwater Grocers:Store 12, Burnside"
    assert names[0] == "Brightwater Grocers"


def test_name_lists_show_only_the_active_unless_asked(api: Api) -> None:
    active = api.query("select * from Customer")["Customer"]
    every = api.query("select * from Customer where Active in (true, false)")["Customer"]
    inactive = api.query("select * from Customer where Active = false")["Customer"]
    assert len(every) == len(active) + len(inactive)
    assert [one["DisplayName"] for one in inactive] == ["Hollyhock Bakery (deleted)"]


@pytest.mark.parametrize(
    ("condition", "name"),
    [
        ("DisplayName = 'O\\'Malley\\'s Market'", "O'Malley's Market"),
        ("DisplayName = 'hôtel saint-éloi'", "Hôtel Saint-Éloi"),
        ("DisplayName LIKE '%ÉLOI'", "Hôtel Saint-Éloi"),
        ("DisplayName = 'Night Owl Diner 🦉'", "Night Owl Diner 🦉"),
        ("PrimaryEmailAddr = 'tamsin@okaforcatering.example'", "Tamsin Okafor Catering"),
        ("FamilyName = 'okafor' AND GivenName = 'Tamsin'", "Tamsin Okafor Catering"),
    ],
)
def test_text_is_found_whatever_its_signs_and_capitals(api: Api, condition: str, name: str) -> None:
    (found,) = api.query(f"select * from Customer where {condition}")["Customer"]
    assert found["DisplayName"] == name


def test_an_underscore_in_like_means_itself(api: Api) -> None:
    assert api.query("select * from Customer where DisplayName like 'Night_Owl%'") == {}


def test_nothing_found_is_an_empty_answer(api: Api) -> None:
    assert api.query("select * from Invoice where Id = '999999'") == {}


def test_a_projection_is_accepted(api: Api) -> None:
    assert len(api.query("SELECT *, Sku FROM Item")["Item"]) == 12
    assert api.query("select Id, Line.*, MetaData.CreateTime from Invoice maxresults 2")["maxResults"] == 2


@pytest.mark.parametrize(("entity", "counted"), [("Invoice", True), ("Payment", False), ("Customer", False)])
def test_only_some_entities_tell_the_total_with_their_rows(api: Api, entity: str, counted: bool) -> None:
    found = api.query(f"select * from {entity} maxresults 2")
    assert found["maxResults"] == 2
    assert ("totalCount" in found) is counted


def test_a_page_has_a_hundred_rows_unless_asked(api: Api) -> None:
    for _ in range(45):
        api.invoice()
    found = api.query("select * from Invoice")
    assert found["maxResults"] == 100
    assert found["totalCount"] > 100


@pytest.mark.parametrize("single", ["CompanyInfo", "Preferences"])
def test_single_objects_can_be_queried(api: Api, single: str) -> None:
    assert len(api.query(f"select * from {single}")[single]) == 1


@pytest.mark.parametrize(
    ("statement", "detail"),
    [
        ("select * from Invoice TxnDate > '1'", 'Encountered " <IDENTIFIER> "TxnDate "" at line 1, column 23.'),
        ("select * from Invoice where", 'Encountered "<EOF>" at line 1, column 27.'),
        ("", 'Encountered "<EOF>" at line 1, column 0.'),
        ("select * from Invoice;", 'Lexical error at line 1, column 22.  Encountered: ";" (59), after : ""'),
        (
            "select * from Customer where DisplayName = 'O''Malley'",
            'Encountered " <STRING> "\'Malley\' "" at line 1, column 47.',
        ),
        (
            "select * from Invoice where Balance > '0' or Id = '1'",
            'Encountered " <IDENTIFIER> "or "" at line 1, column 43.',
        ),
        (
            "select * from Invoice maxresults 1 maxresults 2",
            'Encountered " "maxresults" "maxresults "" at line 1, column 36.',
        ),
        ("delete from Invoice", 'Encountered " <IDENTIFIER> "delete "" at line 1, column 1.'),
    ],
)
def test_what_is_no_query_is_refused_with_4000(api: Api, statement: str, detail: str) -> None:
    answer = api.get("/query", query_string={"query": statement})
    (error,) = answer.get_json()["Fault"]["Error"]
    assert answer.status_code == 400
    assert error["code"] == "4000"
    assert error["Message"] == "Error parsing query"
    assert error["Detail"] == f"QueryParserError: {detail}"


@pytest.mark.parametrize(
    ("statement", "detail"),
    [
        ("select * from Custmoer", "invalid context declaration: Custmoer"),
        ("select * from Invoice where Colour = 'red'", "Property Colour not found for Entity Invoice"),
        ("select * from Customer where AcctNum = '1'", "property 'AcctNum' is not queryable"),
        ("select * from Invoice orderby Id", "property 'Id' is not sortable"),
        ("select * from Item where UnitPrice = '5'", "property 'UnitPrice' is not queryable"),
        ("select * from Invoice startposition 0", "value 0 is too small. Min allowed value is 1"),
        ("select * from Invoice maxresults 1001", "value 1001 is too large. Max allowed value is 1000"),
        ("select * from Invoice where Id > '5'", "operator > is not supported for property 'Id'"),
        ("select * from Invoice where Balance > 'much'", "invalid value 'much' for property 'Balance'"),
        ("select * from Invoice where DueDate > 'soon'", "invalid value 'soon' for property 'DueDate'"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused_with_4001(api: Api, statement: str, detail: str) -> None:
    answer = api.get("/query", query_string={"query": statement})
    (error,) = answer.get_json()["Fault"]["Error"]
    assert answer.status_code == 400
    assert error["code"] == "4001"
    assert error["Detail"] == f"QueryValidationError: {detail}"


@pytest.mark.parametrize(
    "options",
    [
        {"data": "select count(*) from Invoice", "content_type": "application/text"},
        {"data": "select count(*) from Invoice", "content_type": "text/plain"},
        {"query_string": {"query": "select count(*) from Invoice"}},
        {"data": {"query": "select count(*) from Invoice"}},
    ],
)
def test_a_statement_may_be_posted_in_every_way(client: FlaskClient, api: Api, options: dict[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {api.token}", "Accept": "application/json"}
    answer = client.post(f"/v3/company/{api.realm}/query", headers=headers, **options)
    assert answer.get_json()["QueryResponse"] == api.query("select count(*) from Invoice")


def test_unequal_finds_the_others_and_is_refused_where_the_rule_says_so(api: Api, faults: Faults) -> None:
    everybody = api.query("select count(*) from Customer")["totalCount"]
    others = "select count(*) from Customer where DisplayName != 'hollyhock bakery' and FamilyName != 'Okafor'"
    assert api.query(others)["totalCount"] == everybody - 1  # Hollyhock is inactive and not among them
    faults.set_rule("refuse_unequal", on=True)
    (error,) = api.get("/query", query_string={"query": others}).get_json()["Fault"]["Error"]
    assert error["code"] == "4000"
    assert 'Encountered: "!" (33)' in error["Detail"]
