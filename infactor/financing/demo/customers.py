"""The customers of Harbor Street Print: what they buy, and how they paid over the last months."""

from decimal import Decimal
from typing import NamedTuple


class Customer(NamedTuple):
    """A customer of the demo books. Without a `company` it is a person; without an `email` it cannot be asked."""

    reference: str
    name: str
    company: str
    contact: str
    email: str
    phone: str
    address: tuple[str, str, str, str]  # street, city, state, ZIP code
    buys: str


class PaidInvoiceSeries(NamedTuple):
    """Invoices that were paid long ago: `invoice_count` of them, one every `interval` days.

    Each was due in `terms` days and paid after `paid_after` days. The first was issued `first_issued` days ago for
    `first_net`; each next one is `increase` more.
    """

    customer: str
    first_issued: int
    interval: int
    invoice_count: int
    terms: int
    paid_after: int
    first_net: Decimal
    increase: Decimal


BAYSIDE, CASCADE, ELM, FENNEL, GOLDEN, JUNIPER = "101", "102", "103", "104", "105", "106"
KESTREL, MARIGOLD, NORTHWIND, PRIYA, TIDEPOOL = "107", "108", "109", "110", "111"

CUSTOMERS = (
    Customer(
        BAYSIDE,
        "Bayside Museum",
        "Bayside Museum Trust",
        "Ines Calder",
        "accounts@baysidemuseum.example",
        "+1 415 555 0111",
        ("12 Marina Walk", "San Francisco", "CA", "94123"),
        "Exhibition catalogues",
    ),
    Customer(
        CASCADE,
        "Cascade Outfitters",
        "Cascade Outfitters Inc.",
        "Jon Behr",
        "payables@cascadeoutfitters.example",
        "+1 503 555 0112",
        ("880 NW Lovejoy Street", "Portland", "OR", "97209"),
        "Season catalogues",
    ),
    Customer(
        ELM,
        "Elm & Oak Furniture",
        "Elm & Oak Furniture LLC",
        "Marta Oduya",
        "invoices@elmandoak.example",
        "+1 916 555 0113",
        ("41 K Street", "Sacramento", "CA", "95814"),
        "Price lists and swatch books",
    ),
    Customer(
        FENNEL,
        "Fennel Grocers",
        "Fennel Grocers Co-operative",
        "Paul Whitlow",
        "ap@fennelgrocers.example",
        "+1 510 555 0114",
        ("2200 Telegraph Avenue", "Oakland", "CA", "94612"),
        "Weekly leaflets",
    ),
    Customer(
        GOLDEN,
        "Golden Gate Events",
        "Golden Gate Events Inc.",
        "Saoirse Lund",
        "finance@goldengateevents.example",
        "+1 415 555 0115",
        ("600 Townsend Street", "San Francisco", "CA", "94103"),
        "Programmes and banners",
    ),
    Customer(
        JUNIPER,
        "Juniper Hotels",
        "Juniper Hotels Group LLC",
        "Daniel Abara",
        "accountspayable@juniperhotels.example",
        "+1 775 555 0116",
        ("75 Court Street", "Reno", "NV", "89501"),
        "Room folders and menus",
    ),
    Customer(
        KESTREL,
        "Kestrel Cycles",
        "Kestrel Cycles Inc.",
        "Nora Quill",
        "bills@kestrelcycles.example",
        "+1 530 555 0117",
        ("309 G Street", "Davis", "CA", "95616"),
        "Owner's manuals",
    ),
    Customer(
        MARIGOLD,
        "Marigold School District",
        "Marigold Unified School District",
        "Helen Strand",
        "ap@marigoldschools.example",
        "+1 707 555 0118",
        ("1500 Jefferson Street", "Napa", "CA", "94559"),
        "Workbooks",
    ),
    Customer(
        NORTHWIND,
        "Northwind Theatre",
        "Northwind Theatre Company",
        "Tomas Reyes",
        "office@northwindtheatre.example",
        "+1 831 555 0119",
        ("9 Pacific Avenue", "Santa Cruz", "CA", "95060"),
        "Playbills",
    ),
    Customer(
        PRIYA,
        "Priya Raman",
        "",
        "Priya Raman",
        "priya.raman@example.com",
        "+1 415 555 0120",
        ("18 Alma Street", "San Francisco", "CA", "94117"),
        "Wedding invitations",
    ),
    Customer(
        TIDEPOOL,
        "Tide Pool Press",
        "Tide Pool Press LLC",
        "Ash Kimura",
        "",
        "+1 831 555 0121",
        ("77 Cannery Row", "Monterey", "CA", "93940"),
        "Poetry chapbooks",
    ),
)

PAID_HISTORY = (
    PaidInvoiceSeries(BAYSIDE, 296, 34, 6, 30, 27, Decimal("2840"), Decimal("185")),
    PaidInvoiceSeries(CASCADE, 290, 33, 6, 45, 38, Decimal("4120"), Decimal("260")),
    PaidInvoiceSeries(ELM, 283, 32, 6, 40, 36, Decimal("2275"), Decimal("140")),
    PaidInvoiceSeries(FENNEL, 278, 30, 6, 45, 47, Decimal("3310"), Decimal("95")),
    PaidInvoiceSeries(GOLDEN, 271, 33, 5, 45, 41, Decimal("5480"), Decimal("310")),
    PaidInvoiceSeries(JUNIPER, 265, 40, 3, 45, 62, Decimal("2990"), Decimal("205")),
    PaidInvoiceSeries(KESTREL, 240, 45, 3, 30, 44, Decimal("1890"), Decimal("120")),
    PaidInvoiceSeries(MARIGOLD, 262, 50, 3, 45, 33, Decimal("9750"), Decimal("640")),
    PaidInvoiceSeries(NORTHWIND, 150, 30, 1, 30, 29, Decimal("1640"), Decimal("0")),
    PaidInvoiceSeries(TIDEPOOL, 190, 40, 2, 30, 25, Decimal("980"), Decimal("60")),
)
