"""The main sample company's vendors, employees, classes and locations."""

from quickbooks_app.sandbox.accounting import writing
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.data import catalogue
from quickbooks_app.sandbox.data.history import UNRESTRICTED
from quickbooks_app.sandbox.runtime.documents import Document

# Name, e-mail address, street, city, state, postal code, terms.
VENDORS: tuple[tuple[str, str, str, str, str, str, str], ...] = (
    ("Altura Green Coffee Imports", "ar@alturagreen.example", "900 Pier Road", "Oakland", "CA", "94607", "3"),
    ("Cascade Packaging", "billing@cascadepack.example", "31 Mill Street", "Kent", "WA", "98032", "3"),
    ("Milano Espresso Parts", "invoices@milanoparts.example", "5 Foundry Lane", "Reno", "NV", "89502", "4"),
    ("Water Avenue Properties", "rent@wateravenue.example", "400 SE Water Avenue", "Portland", "OR", "97214", "1"),
    ("Columbia Power & Light", "service@columbiapower.example", "2 Dam Road", "Gresham", "OR", "97030", "2"),
    ("Two Rivers Freight", "dispatch@tworivers.example", "77 Rail Yard", "Vancouver", "WA", "98660", "2"),
    ("Bridgeport Insurance", "premiums@bridgeportins.example", "1 Tower Plaza", "Portland", "OR", "97204", "1"),
    ("Lindqvist & Marsh CPAs", "accounts@lindqvistmarsh.example", "210 SW Oak Street", "Portland", "OR", "97204", "3"),
)
EMPLOYEES = (("Rosa", "Delgado"), ("Theo", "Whitcombe"), ("Anika", "Sørensen"), ("Jamal", "Brooks"))
CLASSES = (("Roastery", ""), ("Wholesale", ""), ("Cafés", "Wholesale"), ("Equipment", ""))
LOCATIONS = (("Portland", ""), ("Roastery floor", "Portland"), ("Seattle", ""))


def open_suppliers(books: Books) -> dict[str, str]:
    """Write the lists and return the ids of vendors and employees by name."""
    ids: dict[str, str] = {}
    for name, email, street, city, state, postal_code, terms in VENDORS:
        payload: Document = {
            "DisplayName": name,
            "CompanyName": name,
            "PrimaryEmailAddr": {"Address": email},
            "BillAddr": {
                "Line1": street,
                "City": city,
                "CountrySubDivisionCode": state,
                "PostalCode": postal_code,
            },
            "TermRef": {"value": terms},
            "AcctNum": f"LK-{len(ids) + 101}",
        }
        ids[name] = _create(books, "Vendor", payload)
    # A customer who sells to the company, too: what one owes the other can be set off.
    owl = books.get("Customer", catalogue.OWL)
    payload = {"DisplayName": f"{owl['DisplayName']} (vendor)", "CompanyName": owl["DisplayName"]}
    ids["Night Owl"] = _create(books, "Vendor", {**payload, "PrimaryEmailAddr": owl["PrimaryEmailAddr"]})
    for given, family in EMPLOYEES:
        payload = {"GivenName": given, "FamilyName": family, "BillableTime": True, "HiredDate": "2021-03-01"}
        ids[given] = _create(books, "Employee", payload)
    for entity, rows in (("Class", CLASSES), ("Department", LOCATIONS)):
        known: dict[str, str] = {}
        for name, above in rows:
            parent = {"ParentRef": {"value": known[above]}} if above else {}
            known[name] = _create(books, entity, {"Name": name, **parent})
    return ids


def _create(books: Books, entity: str, payload: Document) -> str:
    return str(writing.create(books, entity=entity, payload=payload, rules=UNRESTRICTED)["Id"])
