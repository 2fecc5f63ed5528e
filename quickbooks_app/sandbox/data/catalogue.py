"""The sample companies: their customers, items and terms."""

from decimal import Decimal

from quickbooks_app.sandbox.runtime.documents import Document

MAIN_REALM = "9341457021722202"
SECOND_REALM = "9341457021722315"

TERMS = (("Due on receipt", 0), ("Net 15", 15), ("Net 30", 30), ("Net 60", 60), ("Net 90", 90))
ON_RECEIPT, NET_15, NET_30, NET_60, NET_90 = "1", "2", "3", "4", "5"

# Name, description, price, taxable, type, stock number.
MAIN_ITEMS: tuple[tuple[str, str, str, bool, str, str], ...] = (
    ("House Blend, 5 lb", "House Blend, whole bean, 5 lb bag", "62.50", False, "Inventory", "LK-HB-5"),
    (
        "Ethiopia Guji, 5 lb",
        "Single origin Ethiopia Guji, whole bean, 5 lb bag",
        "88",
        False,
        "Inventory",
        "LK-EG-5",
    ),
    ("Decaf, 5 lb", "Water-process decaf, whole bean, 5 lb bag", "74.25", False, "Inventory", "LK-DC-5"),
    ("Cold brew keg", "Cold brew concentrate, 5 gallon keg", "145", False, "Inventory", "LK-CB-K"),
    ("Equipment service", "Espresso equipment service visit", "185", False, "Service", ""),
    ("Barista training", "Barista training on site, per day", "650", False, "Service", ""),
    (
        "Paper cups, case",
        "12 oz paper cups with lids, case of 500",
        "58.40",
        True,
        "NonInventory",
        "LK-PC-12",
    ),
    ("Burr grinder", "Commercial burr grinder", "2450", True, "Inventory", "LK-BG"),
    ("Espresso machine", "Two-group espresso machine, installed", "11800", True, "Inventory", "LK-EM-2"),
    ("Roast profiling", "Roast profiling and blend development, per hour", "120", False, "Service", ""),
    ("Opening kit", "Everything for a first day", "0", False, "Group", ""),
    ("Tasting box", "Seasonal tasting box", "0", False, "NonInventory", "LK-TB"),
)
(BLEND, GUJI, DECAF, KEG, SERVICE, TRAINING, CUPS, GRINDER, MACHINE, PROFILING, KIT, TASTING) = (
    str(number) for number in range(1, 13)
)


def _address(line: str, city: str, state: str, postal_code: str) -> Document:
    return {"Line1": line, "City": city, "CountrySubDivisionCode": state, "PostalCode": postal_code}


def _customer(name: str, email: str | None, address: Document, **more: object) -> Document:
    body: Document = {
        "DisplayName": name,
        "CompanyName": name,
        "BillAddr": address,
        "ShipAddr": address,
        **more,
    }
    if email:
        body["PrimaryEmailAddr"] = {"Address": email}
    return body


def _phone(number: str) -> Document:
    return {"FreeFormNumber": number}


MAIN_CUSTOMERS: tuple[Document, ...] = (
    _customer(
        "Cedar & Pine Café",
        "accounts@cedarandpine.example",
        _address("1120 NW Everett Street", "Portland", "OR", "97209"),
        GivenName="Ines",
        FamilyName="Marchetti",
        PrimaryPhone=_phone("(503) 555-0118"),
        SalesTermRef={"value": NET_30},
    ),
    _customer(
        "O'Malley's Market",
        "billing@omalleysmarket.example",
        _address("2240 Hawthorne Boulevard", "Portland", "OR", "97214"),
        GivenName="Declan",
        FamilyName="O'Malley",
        PrimaryPhone=_phone("(503) 555-0131"),
        SalesTermRef={"value": NET_30},
    ),
    _customer(
        "Hôtel Saint-Éloi",
        "comptabilite@sainteloi.example",
        _address("77 Rue des Tilleuls", "New Orleans", "LA", "70130"),
        GivenName="Zoé",
        FamilyName="Lefèvre",
        SalesTermRef={"value": NET_60},
    ),
    _customer("Night Owl Diner 🦉", "owl@nightowldiner.example", _address("9 Depot Lane", "Tacoma", "WA", "98402")),
    _customer(
        "Brightwater Grocers",
        "ap@brightwatergrocers.example, controller@brightwatergrocers.example",
        _address("4500 Harbor Avenue SW", "Seattle", "WA", "98126"),
        GivenName="Priya",
        FamilyName="Nandakumar",
        PrimaryPhone=_phone("(206) 555-0177"),
        Mobile=_phone("(206) 555-0178"),
        Fax=_phone("(206) 555-0179"),
        WebAddr={"URI": "https://brightwatergrocers.example"},
        SalesTermRef={"value": NET_60},
    ),
    _customer(
        "Store 12, Burnside",
        "store12@brightwatergrocers.example",
        _address("1205 E Burnside Street", "Portland", "OR", "97214"),
        ParentRef={"value": "5"},
        SalesTermRef={"value": NET_60},
    ),
    _customer(
        "Juniper Hotel Group",
        None,
        _address("300 Lakeshore Drive", "Bend", "OR", "97701"),
        GivenName="Marcus",
        FamilyName="Thiele",
        PrimaryPhone=_phone("(541) 555-0109"),
        SalesTermRef={"value": NET_60},
    ),
    _customer(
        "Tamsin Okafor Catering",
        "tamsin@okaforcatering.example",
        _address("61 Mill Road", "Eugene", "OR", "97401"),
        GivenName="Tamsin",
        FamilyName="Okafor",
    ),
    _customer(
        "Northgate University Dining",
        "dining.payables@northgate.example",
        _address("1 Campus Way", "Spokane", "WA", "99201"),
        SalesTermRef={"value": NET_90},
    ),
    _customer(
        "Kestrel Airport Concessions",
        "invoices@kestrelconcessions.example",
        _address("7000 NE Airport Way", "Portland", "OR", "97218"),
        GivenName="Bao",
        FamilyName="Tran",
        SalesTermRef={"value": NET_60},
    ),
    _customer("Hollyhock Bakery", "hello@hollyhock.example", _address("18 Orchard Street", "Salem", "OR", "97301")),
    _customer(
        "Café Zoë Amsterdam",
        "boekhouding@cafezoe.example",
        {"Line1": "Prinsengracht 263", "City": "Amsterdam", "PostalCode": "1016 GV", "Country": "NLD"},
        CurrencyRef={"value": "EUR"},
        SalesTermRef={"value": NET_30},
    ),
    _customer(
        "Summit Ridge Resort",
        "payables@summitridge.example",
        _address("250 Alpine Loop", "Government Camp", "OR", "97028"),
        GivenName="Harriet",
        FamilyName="Vance",
        SalesTermRef={"value": NET_30},
    ),
    _customer("Wharf Street Coworking", None, _address("12 Wharf Street", "Astoria", "OR", "97103")),
    _customer(
        "Little Fern Bookshop",
        "till@littlefern.example",
        _address("88 Main Street", "Hood River", "OR", "97031"),
        SalesTermRef={"value": NET_15},
    ),
)
(CEDAR, OMALLEY, ELOI, OWL, BRIGHTWATER, STORE_12, JUNIPER, TAMSIN, NORTHGATE) = (str(n) for n in range(1, 10))
(KESTREL, HOLLYHOCK, ZOE, SUMMIT, WHARF, FERN) = (str(n) for n in range(10, 16))

SECOND_ITEMS: tuple[tuple[str, str, str, bool, str, str], ...] = (
    ("Stoneware mug", "Hand-thrown stoneware mug", "14", False, "Inventory", "HV-MUG"),
    ("Dinner plate", "Glazed dinner plate, 27 cm", "22.50", False, "Inventory", "HV-PLATE"),
    ("Glaze consulting", "Glaze consulting, per hour", "95", False, "Service", ""),
)
SECOND_CUSTOMERS: tuple[Document, ...] = (
    _customer("Fable Kitchen", "orders@fablekitchen.example", _address("5 Quay Street", "Oakland", "CA", "94607")),
    _customer("Marigold Inn", "desk@marigoldinn.example", _address("31 Vine Lane", "Napa", "CA", "94559")),
    _customer("Tide & Table", None, _address("400 Shore Road", "Monterey", "CA", "93940")),
)


# What is kept in stock: what one costs, and how many there were when the company began. By stock number.
_STOCK = {
    "LK-HB-5": ("27.90", 1400),
    "LK-EG-5": ("41.20", 900),
    "LK-DC-5": ("34.80", 350),
    "LK-CB-K": ("58", 700),
    "LK-PC-12": ("25.75", 250),
    "LK-BG": ("1375", 8),
    "LK-EM-2": ("6850", 5),
}
# The parts of a bundle: item and quantity.
_BUNDLES = {"Opening kit": ((MACHINE, 1), (GRINDER, 2), (TRAINING, 3))}


def item(row: tuple[str, str, str, bool, str, str], *, opening: str) -> Document:
    """Return an item of the catalogue as a create request. `opening` is the day on which its stock was counted."""
    name, description, price, taxable, kind, sku = row
    body: Document = {
        "Name": name,
        "Description": description,
        "Taxable": taxable,
        "UnitPrice": Decimal(price),
        "Type": kind,
        "IncomeAccountRef": {"value": "79"},
    }
    if sku:
        body["Sku"] = sku
    if stock := _STOCK.get(sku):
        cost, quantity = stock
        body |= {
            "Type": "Inventory",
            "TrackQtyOnHand": True,
            "QtyOnHand": quantity,
            "InvStartDate": opening,
            "PurchaseDesc": description,
            "PurchaseCost": Decimal(cost),
            "AssetAccountRef": {"value": "81"},
            "ExpenseAccountRef": {"value": "80"},
        }
    if parts := _BUNDLES.get(name):
        lines = [{"ItemRef": {"value": id}, "Qty": quantity} for id, quantity in parts]
        body |= {"ItemGroupDetail": {"ItemGroupLine": lines}, "PrintGroupedItems": True}
        del body["IncomeAccountRef"]
    return body
