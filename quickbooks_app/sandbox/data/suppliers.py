"""The main sample company's vendors, employees, classes and locations."""

from quickbooks_app.sandbox.accounting import writing
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.data import catalogue
from quickbooks_app.sandbox.data.history import UNRESTRICTED
from quickbooks_app.sandbox.runtime.documents import Document

# Id, name, email address, street, city, state, postal code, terms. The ids are among those that the vendors and
# employees of Intuit's US sample company have.
VENDORS: tuple[tuple[int, str, str, str, str, str, str, str], ...] = (
    (30, "Altura Green Coffee Imports", "ar@alturagreen.example", "900 Pier Road", "Oakland", "CA", "94607", "3"),
    (31, "Cascade Packaging", "billing@cascadepack.example", "31 Mill Street", "Kent", "WA", "98032", "3"),
    (32, "Milano Espresso Parts", "invoices@milanoparts.example", "5 Foundry Lane", "Reno", "NV", "89502", "4"),
    (33, "Water Avenue Properties", "rent@wateravenue.example", "400 SE Water Avenue", "Portland", "OR", "97214", "1"),
    (34, "Columbia Power & Light", "service@columbiapower.example", "2 Dam Road", "Gresham", "OR", "97030", "2"),
    (35, "Two Rivers Freight", "dispatch@tworivers.example", "77 Rail Yard", "Vancouver", "WA", "98660", "2"),
    (41, "Bridgeport Insurance", "premiums@bridgeportins.example", "1 Tower Plaza", "Portland", "OR", "97204", "1"),
    (
        56,
        "Lindqvist & Marsh CPAs",
        "accounts@lindqvistmarsh.example",
        "210 SW Oak Street",
        "Portland",
        "OR",
        "97204",
        "3",
    ),
)
EMPLOYEES = ((54, "Rosa", "Delgado"), (55, "Theo", "Whitcombe"), (58, "Anika", "Sørensen"), (59, "Jamal", "Brooks"))
CLASSES = (("Roastery", ""), ("Wholesale", ""), ("Cafés", "Wholesale"), ("Equipment", ""))
LOCATIONS = (("Portland", ""), ("Roastery floor", "Portland"), ("Seattle", ""))


def open_suppliers(books: Books) -> dict[str, str]:
    """Write the lists and return the ids of vendors and employees by name."""
    ids: dict[str, str] = {}
    people = [(id, name, "Vendor", _vendor(id, name, *rest)) for id, name, *rest in VENDORS]
    # A customer who sells to the company, too: what one owes the other can be set off.
    owl = books.get("Customer", catalogue.OWL)
    both = {"DisplayName": f"{owl['DisplayName']} (vendor)", "CompanyName": owl["DisplayName"]}
    people.append((57, "Night Owl", "Vendor", {**both, "PrimaryEmailAddr": owl["PrimaryEmailAddr"]}))
    for id, given, family in EMPLOYEES:
        employee = {"GivenName": given, "FamilyName": family, "BillableTime": True, "HiredDate": "2021-03-01"}
        people.append((id, given, "Employee", employee))
    for id, name, entity, payload in sorted(people, key=lambda one: one[0]):
        books.skip_ids(entity, next_id=id)
        ids[name] = _create(books, entity, payload)
    for entity, rows in (("Class", CLASSES), ("Department", LOCATIONS)):
        known: dict[str, str] = {}
        for name, above in rows:
            parent = {"ParentRef": {"value": known[above]}} if above else {}
            known[name] = _create(books, entity, {"Name": name, **parent})
    return ids


def _vendor(
    id: int, name: str, email: str, street: str, city: str, state: str, postal_code: str, terms: str
) -> Document:
    place = {"Line1": street, "City": city, "CountrySubDivisionCode": state, "PostalCode": postal_code}
    return {
        "DisplayName": name,
        "CompanyName": name,
        "PrimaryEmailAddr": {"Address": email},
        "BillAddr": place,
        "TermRef": {"value": terms},
        "AcctNum": f"LK-{id}",
    }


def _create(books: Books, entity: str, payload: Document) -> str:
    return str(writing.create(books, entity=entity, payload=payload, rules=UNRESTRICTED)["Id"])
