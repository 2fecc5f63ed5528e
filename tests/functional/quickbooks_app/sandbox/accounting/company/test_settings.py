"""Preferences and CompanyInfo hold what Intuit's hold, and change group by group."""

from typing import Any

import pytest

from tests.functional.quickbooks_app.sandbox.conftest import REALM, Api

GROUPS = {
    "AccountingInfoPrefs",
    "ProductAndServicesPrefs",
    "SalesFormsPrefs",
    "EmailMessagesPrefs",
    "VendorAndPurchasesPrefs",
    "TimeTrackingPrefs",
    "TaxPrefs",
    "CurrencyPrefs",
    "ReportPrefs",
    "OtherPrefs",
}


def preferences(api: Api) -> dict[str, Any]:
    found: dict[str, Any] = api.get("/preferences").get_json()["Preferences"]
    return found


def change(api: Api, **more: Any) -> dict[str, Any]:
    return {"Id": "1", "SyncToken": preferences(api)["SyncToken"], "sparse": True, **more}


def test_preferences_have_every_group(api: Api) -> None:
    assert set(preferences(api)) >= GROUPS
    assert (
        preferences(api)["EmailMessagesPrefs"]["InvoiceMessage"]["Subject"] == "Invoice from Larkspur Coffee Roasters"
    )
    assert api.query("select * from Preferences")["Preferences"][0]["TimeTrackingPrefs"]["UseServices"] is True


def test_what_a_group_is_not_sent_stays_as_it_was(api: Api) -> None:
    before = preferences(api)
    body = change(api, SalesFormsPrefs={"CustomTxnNumbers": True}, ReportPrefs={"ReportBasis": "Cash"})
    after = api.write("Preferences", body)
    assert after["SyncToken"] == "1"
    assert after["SalesFormsPrefs"] == {**before["SalesFormsPrefs"], "CustomTxnNumbers": True}
    assert after["TimeTrackingPrefs"] == before["TimeTrackingPrefs"]
    assert "DocNumber" not in api.invoice()  # the books follow


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"CurrencyPrefs": {"HomeCurrency": {"value": "EUR"}}}, "6000"),
        ({"CurrencyPrefs": {"MultiCurrencyEnabled": False}}, "6000"),
        ({"SalesFormsPrefs": {"AllowDeposit": "yes"}}, "2080"),
        ({"NoSuchPrefs": {}}, "2010"),
        ({"SyncToken": "7"}, "5010"),
    ],
)
def test_preferences_that_cannot_be_are_refused(api: Api, body: dict[str, Any], code: str) -> None:
    assert api.refused("/preferences", change(api, **body))["code"] == code


def test_company_info_is_whole_and_can_be_changed(api: Api) -> None:
    info = api.get(f"/companyinfo/{REALM}").get_json()["CompanyInfo"]
    assert {one["Name"] for one in info["NameValue"]} >= {"OfferingSku", "SubscriptionStatus", "IndustryCode"}
    body = {
        **info,
        "LegalName": "Larkspur Coffee, Inc.",
        "Country": "CA",
        "WebAddr": {"URI": "https://larkspur.example"},
    }
    after = api.write("CompanyInfo", body)
    assert (after["LegalName"], after["Country"]) == ("Larkspur Coffee, Inc.", "US")
    assert after["WebAddr"] == {"URI": "https://larkspur.example"}
    assert api.refused("/companyinfo", {"Id": "1", "SyncToken": "1", "CompanyName": " "})["code"] == "2020"
