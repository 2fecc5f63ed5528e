"""History of the main sample company: at least one invoice of every kind that QuickBooks Online can hold."""

from decimal import Decimal

from quickbooks_app.sandbox.data import catalogue
from quickbooks_app.sandbox.data.history import History
from quickbooks_app.sandbox.data.history import line as plain_line
from quickbooks_app.sandbox.runtime.documents import Document

SALES_TAX: Document = {"TxnTaxCodeRef": {"value": "2"}}

# What regular customers order: item, price, minimum and maximum quantity.
_ORDERS = (
    (catalogue.BLEND, "62.50", 12, 140),
    (catalogue.GUJI, "88", 6, 60),
    (catalogue.DECAF, "74.25", 4, 40),
    (catalogue.KEG, "145", 4, 48),
    (catalogue.SERVICE, "185", 1, 4),
    (catalogue.TRAINING, "650", 1, 3),
    (catalogue.PROFILING, "120", 2, 24),
)
_REGULAR_CUSTOMERS = (
    catalogue.CEDAR,
    catalogue.OMALLEY,
    catalogue.OWL,
    catalogue.JUNIPER,
    catalogue.KESTREL,
    catalogue.SUMMIT,
    catalogue.BRIGHTWATER,
    catalogue.NORTHGATE,
    catalogue.FERN,
)
_TERM_DAYS = {
    catalogue.CEDAR: 30,
    catalogue.OMALLEY: 30,
    catalogue.OWL: 30,
    catalogue.JUNIPER: 60,
    catalogue.KESTREL: 60,
}
_TERM_DAYS |= {catalogue.SUMMIT: 30, catalogue.BRIGHTWATER: 60, catalogue.NORTHGATE: 90, catalogue.FERN: 15}

_DESCRIPTIONS = {str(position): row[1] for position, row in enumerate(catalogue.MAIN_ITEMS, start=1)}


def line(item: str, *, quantity: str, price: str, text: str = "", taxed: bool = False) -> Document:
    """Return an item line; the description defaults to the item's."""
    text = text or _DESCRIPTIONS[item]
    return plain_line(item, quantity=quantity, price=price, text=text, taxed=taxed)


def schedule_history(history: History) -> None:
    """Schedule the company's whole history."""
    _special_invoices(history)
    _payments_and_credits(history)
    _regular_orders(history)


def _special_invoices(history: History) -> None:
    bill = history.invoice
    discount: Document = {"DetailType": "DiscountLineDetail"}
    by_percent = {**discount, "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10}}
    by_amount = {**discount, "Amount": Decimal("150"), "DiscountLineDetail": {"PercentBased": False}}
    bill("percent", 41, catalogue.KESTREL, [line(catalogue.BLEND, quantity="180", price="62.50"), by_percent])
    bill("amount", 23, catalogue.CEDAR, [line(catalogue.GUJI, quantity="35", price="88"), by_amount])
    kit: Document = {
        "DetailType": "GroupLineDetail",
        "Description": "Opening kit for the lobby bar",
        "GroupLineDetail": {
            "GroupItemRef": {"value": catalogue.KIT},
            "Quantity": 1,
            "Line": [
                line(catalogue.MACHINE, quantity="1", price="11800"),
                line(catalogue.GRINDER, quantity="2", price="2450"),
                line(catalogue.TRAINING, quantity="3", price="650"),
            ],
        },
    }
    bill("bundle", 19, catalogue.JUNIPER, [kit], CustomerMemo={"value": "Welcome aboard, and a great opening week!"})
    shipping: Document = {
        "Amount": Decimal("86.40"),
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": "SHIPPING_ITEM_ID"}},
    }
    bill("shipping", 12, catalogue.SUMMIT, [line(catalogue.BLEND, quantity="64", price="62.50"), shipping])
    note: Document = {"DetailType": "DescriptionOnly", "Description": "Delivered to the loading dock, gate B"}
    bill("described", 33, catalogue.KESTREL, [line(catalogue.KEG, quantity="40", price="145"), note], emailed=False)
    bill(
        "charge",
        66,
        catalogue.TAMSIN,
        [{"Amount": Decimal("375"), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}],
        LinkedTxn=[{"TxnId": "9001", "TxnType": "StatementCharge"}],
        TxnTaxDetail={"TxnTaxCodeRef": {"value": "2"}},
    )
    machine = line(catalogue.MACHINE, quantity="2", price="11800", taxed=True, text="Two-group machines for both bars")
    bill(
        "taxed",
        27,
        catalogue.ELOI,
        [machine, line(catalogue.TRAINING, quantity="2", price="650")],
        TxnTaxDetail=SALES_TAX,
    )
    exempt: Document = {
        "TxnTaxCodeRef": {"value": "2"},
        "TotalTax": 0,
        "TaxLine": [
            {
                "Amount": 0,
                "DetailType": "TaxLineDetail",
                "TaxLineDetail": {
                    "TaxRateRef": {"value": "3"},
                    "PercentBased": True,
                    "TaxPercent": 8,
                    "NetAmountTaxable": 0,
                },
            }
        ],
    }
    cups = line(catalogue.CUPS, quantity="120", price="58.40", taxed=True)
    bill("exempt", 48, catalogue.NORTHGATE, [cups], TxnTaxDetail=exempt, PrivateNote="Exemption certificate on file")
    bill("unnumbered", 15, catalogue.OWL, [line(catalogue.SERVICE, quantity="3", price="185")])
    history.edit("unnumbered", 14, DocNumber=None)
    bill(
        "first twin", 52, catalogue.OMALLEY, [line(catalogue.BLEND, quantity="30", price="62.50")], DocNumber="PO-7781"
    )
    bill(
        "second twin", 50, catalogue.OMALLEY, [line(catalogue.BLEND, quantity="36", price="62.50")], DocNumber="PO-7781"
    )
    bill(
        "euro", 21, catalogue.ZOE, [line(catalogue.GUJI, quantity="90", price="81.90")], ExchangeRate=Decimal("1.0842")
    )
    bill(
        "euro paid",
        75,
        catalogue.ZOE,
        [line(catalogue.GUJI, quantity="40", price="81.90")],
        ExchangeRate=Decimal("1.0769"),
    )
    bill(
        "on receipt",
        4,
        catalogue.TAMSIN,
        [line(catalogue.KEG, quantity="6", price="145")],
        SalesTermRef={"value": catalogue.ON_RECEIPT},
    )
    bill(
        "long",
        9,
        catalogue.NORTHGATE,
        [line(catalogue.BLEND, quantity="400", price="62.50")],
        SalesTermRef={"value": catalogue.NET_90},
    )
    bill(
        "samples",
        30,
        catalogue.FERN,
        [line(catalogue.TASTING, quantity="3", price="0", text="Seasonal tasting box, no charge")],
    )
    bill(
        "job",
        17,
        catalogue.STORE_12,
        [line(catalogue.BLEND, quantity="88", price="62.50"), line(catalogue.DECAF, quantity="20", price="74.25")],
    )
    bill("of the inactive", 108, catalogue.HOLLYHOCK, [line(catalogue.BLEND, quantity="14", price="62.50")])
    bill(
        "own email",
        11,
        catalogue.BRIGHTWATER,
        [line(catalogue.GUJI, quantity="120", price="88")],
        BillEmail={"Address": "ap@brightwatergrocers.example, controller@brightwatergrocers.example"},
        EmailStatus="EmailSent",
    )
    bill("no email", 26, catalogue.WHARF, [line(catalogue.BLEND, quantity="22", price="62.50")])
    bill(
        "voided",
        60,
        catalogue.CEDAR,
        [line(catalogue.KEG, quantity="10", price="145")],
        PrivateNote="Ordered twice by mistake",
    )
    bill("paid then voided", 80, catalogue.OWL, [line(catalogue.DECAF, quantity="12", price="74.25")])
    bill("deleted", 20, catalogue.FERN, [line(catalogue.BLEND, quantity="5", price="62.50")])


def _payments_and_credits(history: History) -> None:
    history.void("voided", 58)
    history.pay(72, "paid then voided")
    history.void("paid then voided", 70)
    history.delete("deleted", 18)
    history.pay(40, "euro paid")
    history.pay(90, "of the inactive")
    history.pay(35, "first twin", "second twin")
    history.pay(6, "described", amount="2000")
    history.invoice("overpaid", 64, catalogue.SUMMIT, [line(catalogue.TRAINING, quantity="2", price="650")])
    history.pay(31, "overpaid", extra="125.50")
    history.invoice("credited", 56, catalogue.KESTREL, [line(catalogue.GUJI, quantity="70", price="88")])
    history.credit(
        "returned",
        44,
        catalogue.KESTREL,
        [line(catalogue.GUJI, quantity="9", price="88", text="Returned, damaged bags")],
    )
    history.apply_credit(43, memo="returned", invoice="credited")
    history.credit("open credit", 13, catalogue.CEDAR, [line(catalogue.CUPS, quantity="4", price="58.40")])


def _regular_orders(history: History) -> None:
    """Schedule four months of regular orders, paid on time, late or in part."""
    random = history.random
    for position in range(46):
        days_ago = 118 - position * 2 - position // 3
        customer = _REGULAR_CUSTOMERS[position % len(_REGULAR_CUSTOMERS)]
        chosen = random.sample(_ORDERS, k=random.randint(1, 3))
        lines = [
            line(item, quantity=str(random.randint(least, most)), price=price) for item, price, least, most in chosen
        ]
        key = f"everyday {position}"
        history.invoice(key, max(days_ago, 1), customer, lines, emailed=position % 6 != 0)
        paid_on = days_ago - _TERM_DAYS[customer] - random.choice((-9, -4, 0, 3, 12))
        # A few have not paid at all; those that are due by now are overdue.
        if position % 8 == 5:
            continue
        if paid_on >= 1:
            history.pay(paid_on, key)
        elif position % 9 == 4 and days_ago > 8:
            history.pay(random.randint(1, 6), key, share="0.40")
