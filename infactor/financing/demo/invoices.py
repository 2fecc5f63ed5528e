"""The invoices of the scenario, in the order of their issue. Days are counted back from today."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from infactor.financing.demo.customers import (
    BAYSIDE,
    CASCADE,
    ELM,
    FENNEL,
    GOLDEN,
    JUNIPER,
    KESTREL,
    MARIGOLD,
    NORTHWIND,
    PAID_HISTORY,
    PRIYA,
    TIDEPOOL,
    Customer,
)

CURRENCY = "USD"
FIRST_NUMBER = 1001
FIRST_PAYMENT, FIRST_CREDIT_MEMO = 2001, 2901  # ids in the books; an invoice's is its number
DELIVERY, DELIVERY_FROM = Decimal(60), Decimal(1000)  # what it costs, and the invoice that states it separately


class DemoPayment(NamedTuple):
    """A payment as the supplier's own books record it, `day` days ago."""

    day: int
    amount: Decimal


class DemoInvoice(NamedTuple):
    """An invoice, issued `issued` days ago and due `due` days ago (below zero: ahead). `tax` is added to `net`."""

    number: str
    customer: str
    net: Decimal
    issued: int
    due: int
    payments: tuple[DemoPayment, ...] = ()
    tax: Decimal = Decimal(0)

    @property
    def total(self) -> Decimal:
        return self.net + self.tax

    @property
    def terms(self) -> int:
        """Days from its issue until it is due."""
        return self.issued - self.due


class DemoItem(NamedTuple):
    """What an invoice charges for: one of a thing, for `amount`."""

    name: str
    description: str
    amount: Decimal


class DemoCreditMemo(NamedTuple):
    """A credit memo that is not applied to an invoice."""

    number: str
    customer: str
    amount: Decimal
    issued: int


def paid(day: int, amount: str) -> tuple[DemoPayment, ...]:
    return (DemoPayment(day, Decimal(amount)),)


# What happens to each is in `scenario`. The others show what the rules decide.
INVOICES = (
    DemoInvoice("1051", JUNIPER, Decimal("3900"), 120, 65),
    DemoInvoice("1052", BAYSIDE, Decimal("4200"), 76, 46, paid(44, "4557"), tax=Decimal("357")),
    DemoInvoice("1053", CASCADE, Decimal("6400"), 75, 30, paid(29, "6400")),
    DemoInvoice("1054", ELM, Decimal("3150"), 74, 34, paid(35, "3150")),
    DemoInvoice("1055", KESTREL, Decimal("2480"), 72, 42),  # too old, and overdue
    DemoInvoice("1056", FENNEL, Decimal("2900"), 67, 22, paid(19, "2900")),
    DemoInvoice("1057", FENNEL, Decimal("5200"), 66, 21, paid(11, "2600")),
    DemoInvoice("1058", GOLDEN, Decimal("7300"), 50, -3),
    DemoInvoice("1059", CASCADE, Decimal("5600"), 43, 3, paid(2, "5600")),
    DemoInvoice("1060", MARIGOLD, Decimal("14800"), 38, -7),
    DemoInvoice("1061", ELM, Decimal("1960"), 33, 3),  # overdue
    DemoInvoice("1062", GOLDEN, Decimal("4900"), 27, -18),
    DemoInvoice("1063", CASCADE, Decimal("3600"), 24, -21),
    DemoInvoice("1064", BAYSIDE, Decimal("2150"), 23, -22),
    DemoInvoice("1065", JUNIPER, Decimal("2700"), 21, -24),  # cross-aging: its buyer owes too much that is overdue
    DemoInvoice("1066", GOLDEN, Decimal("9150"), 15, -30),
    DemoInvoice("1067", FENNEL, Decimal("2300"), 14, -31),
    DemoInvoice("1068", ELM, Decimal("4900"), 13, -32),
    DemoInvoice("1069", MARIGOLD, Decimal("12400"), 12, -33),
    DemoInvoice("1070", CASCADE, Decimal("8250"), 11, -34),
    DemoInvoice("1071", BAYSIDE, Decimal("4350"), 10, -35),
    DemoInvoice("1072", MARIGOLD, Decimal("5300"), 10, -25),  # concentration on one buyer
    DemoInvoice("1073", PRIYA, Decimal("850"), 9, -21),  # the buyer is not a business
    DemoInvoice("1074", TIDEPOOL, Decimal("1240"), 9, -36),  # the buyer has no email address
    DemoInvoice("1075", NORTHWIND, Decimal("3050"), 8, -37),  # a buyer with only one paid invoice
    DemoInvoice("1076", ELM, Decimal("6700"), 7, -38),
    DemoInvoice("1077", BAYSIDE, Decimal("64"), 6, -24),  # too small
    DemoInvoice("1078", MARIGOLD, Decimal("9800"), 6, -39),
    DemoInvoice("1079", FENNEL, Decimal("1850"), 5, -40),
    DemoInvoice("1080", CASCADE, Decimal("3300"), 4, -41, tax=Decimal("280.50")),
    DemoInvoice("1081", KESTREL, Decimal("4100"), 3, -42),
    DemoInvoice("1082", GOLDEN, Decimal("1480"), 3, -42),
)
CREDIT_MEMOS = (DemoCreditMemo("CM-31", GOLDEN, Decimal("250"), 13),)


def all_invoices() -> list[DemoInvoice]:
    """The paid history, numbered by the day of issue, and the invoices of the scenario."""
    history = [
        DemoInvoice(
            "",
            series.customer,
            series.first_net + series.increase * number,
            issued := series.first_issued - series.interval * number,
            issued - series.terms,
            (DemoPayment(issued - series.paid_after, series.first_net + series.increase * number),),
        )
        for series in PAID_HISTORY
        for number in range(series.invoice_count)
    ]
    history.sort(key=lambda invoice: -invoice.issued)
    return [
        *(invoice._replace(number=str(FIRST_NUMBER + position)) for position, invoice in enumerate(history)),
        *INVOICES,
    ]


def payments_of(invoices: Sequence[DemoInvoice]) -> Iterator[tuple[str, DemoInvoice, DemoPayment]]:
    """Every payment with its invoice, and with the id that the books give it: in the order of their days."""
    received = [(payment, invoice) for invoice in invoices for payment in invoice.payments]
    received.sort(key=lambda pair: -pair[0].day)
    for place, (payment, invoice) in enumerate(received):
        yield str(FIRST_PAYMENT + place), invoice, payment


def receipt_number(invoice: DemoInvoice) -> str:
    """The number of a payment as its customer states it."""
    return f"ACH {invoice.number}"


def memo_reference(place: int) -> str:
    """The id of the credit memo at this place of CREDIT_MEMOS."""
    return str(FIRST_CREDIT_MEMO + place)


def items_of(invoice: DemoInvoice, customer: Customer) -> list[DemoItem]:
    """The print run, and the delivery as a line of its own where it is worth one."""
    delivery = DELIVERY if invoice.net >= DELIVERY_FROM else Decimal(0)
    printed = DemoItem(customer.buys, f"Printed and bound for {customer.name}", invoice.net - delivery)
    return [printed, DemoItem("Delivery", "By our own van", delivery)] if delivery else [printed]
