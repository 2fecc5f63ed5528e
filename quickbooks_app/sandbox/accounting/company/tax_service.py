"""The tax service: the one way to create a tax code, with the rates that it charges."""

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.runtime.documents import Document, normalized, parse_number, reference
from quickbooks_app.sandbox.runtime.errors import (
    duplicate_name,
    invalid_enumeration,
    invalid_reference,
    invalid_value,
    parameter_missing,
)

_LISTS = {"Sales": "SalesTaxRateList", "Purchase": "PurchaseTaxRateList"}


def create(books: Books, payload: Document) -> Document:
    """Create a tax code and the rates that are not there yet. The answer has no wrapping key."""
    name = str(payload["TaxCode"])
    if books.find_by_name("TaxCode", "Name", name):
        raise duplicate_name(name)
    rates: dict[str, list[Document]] = {}
    details = []
    for detail in payload["TaxRateDetails"] or [{}]:
        applies = str(detail.get("TaxApplicableOn", "Sales"))
        if applies not in _LISTS:
            raise invalid_enumeration(element="TaxApplicableOn", value=applies)
        rate = _rate(books, detail)
        listed = rates.setdefault(_LISTS[applies], [])
        listed.append(
            {
                "TaxRateRef": reference(rate["Id"], rate["Name"]),
                "TaxTypeApplicable": "TaxOnAmount",
                "TaxOrder": len(listed),
            }
        )
        details.append(
            {
                "TaxRateName": rate["Name"],
                "TaxRateId": rate["Id"],
                "RateValue": rate["RateValue"],
                "TaxAgencyId": rate["AgencyRef"]["value"],
                "TaxApplicableOn": applies,
            }
        )
    body: Document = {
        "Name": name,
        "Description": name,
        "Active": True,
        "Hidden": False,
        "Taxable": True,
        "TaxGroup": True,
        "TaxCodeConfigType": "USER_DEFINED",
        **{key: {"TaxRateDetail": rates.get(key, [])} for key in _LISTS.values()},
    }
    code = books.insert("TaxCode", body)
    return {"TaxCode": name, "TaxCodeId": code["Id"], "TaxRateDetails": details}


def _rate(books: Books, detail: Document) -> Document:
    """Return the rate that a detail names by its id, or a new one."""
    if id := str(detail.get("TaxRateId") or ""):
        found = books.find("TaxRate", id)
        if found is None:
            raise invalid_reference(element="TaxRateId", value=id)
        return found
    for key in ("TaxRateName", "RateValue", "TaxAgencyId"):
        if detail.get(key) in (None, ""):
            raise parameter_missing(f"TaxRateDetails.{key}")
    name, agency = str(detail["TaxRateName"]), str(detail["TaxAgencyId"])
    if books.find("TaxAgency", agency) is None:
        raise invalid_reference(element="TaxAgencyId", value=agency)
    if books.find_by_name("TaxRate", "Name", name):
        raise duplicate_name(name)
    value = parse_number(detail["RateValue"])
    if not 0 <= value <= 100:
        raise invalid_value(element="RateValue", detail=f"Invalid Number : {detail['RateValue']}")
    return books.insert("TaxRate", rate(name, value=normalized(value), agency=agency))


def rate(name: str, *, value: object, agency: str) -> Document:
    """Return a tax rate as stored."""
    return {
        "Name": name,
        "Description": name,
        "Active": True,
        "RateValue": value,
        "AgencyRef": reference(agency),
        "SpecialTaxType": "NONE",
        "DisplayType": "ReadOnly",
        "EffectiveTaxRate": [{"RateValue": value, "EffectiveDate": "2019-01-01T00:00:00-08:00"}],
    }
