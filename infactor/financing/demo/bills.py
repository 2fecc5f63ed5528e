"""The invoices of the story, in the order in which they were issued. Days are counted back from today."""

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
    PRIYA,
    TIDEPOOL,
)


class Payment(NamedTuple):
    """So much, written into the supplier's own books so many days ago."""

    day: int
    amount: Decimal


class Bill(NamedTuple):
    """An invoice: issued `issued` days ago, due `due` days ago (below zero: ahead). `tax` comes on top of `net`."""

    number: str
    customer: str
    net: Decimal
    issued: int
    due: int
    paid: tuple[Payment, ...] = ()
    tax: Decimal = Decimal(0)

    @property
    def total(self) -> Decimal:
        return self.net + self.tax


class Memo(NamedTuple):
    """A credit memo that is not laid against an invoice yet."""

    number: str
    customer: str
    amount: Decimal
    issued: int


def paid(day: int, amount: str) -> tuple[Payment, ...]:
    return (Payment(day, Decimal(amount)),)


# What became of each stands in `story`; those that appear there no more are what the rules keep out, or let in.
BILLS = (
    Bill("1051", JUNIPER, Decimal("3900"), 120, 65),
    Bill("1052", BAYSIDE, Decimal("4200"), 76, 46, paid(44, "4557"), tax=Decimal("357")),
    Bill("1053", CASCADE, Decimal("6400"), 75, 30, paid(29, "6400")),
    Bill("1054", ELM, Decimal("3150"), 74, 34, paid(35, "3150")),
    Bill("1055", KESTREL, Decimal("2480"), 72, 42),  # too old, and overdue
    Bill("1056", FENNEL, Decimal("2900"), 67, 22, paid(19, "2900")),
    Bill("1057", FENNEL, Decimal("5200"), 66, 21, paid(11, "2600")),
    Bill("1058", GOLDEN, Decimal("7300"), 50, 5),
    Bill("1059", CASCADE, Decimal("5600"), 43, 3, paid(2, "5600")),
    Bill("1060", MARIGOLD, Decimal("14800"), 38, -7),
    Bill("1061", ELM, Decimal("1960"), 33, 3),  # overdue
    Bill("1062", GOLDEN, Decimal("4900"), 27, -18),
    Bill("1063", CASCADE, Decimal("3600"), 24, -21),
    Bill("1064", BAYSIDE, Decimal("2150"), 23, -22),
    Bill("1065", JUNIPER, Decimal("2700"), 21, -24),  # its buyer owes too much that is old
    Bill("1066", GOLDEN, Decimal("9150"), 15, -30),
    Bill("1067", FENNEL, Decimal("2300"), 14, -31),
    Bill("1068", ELM, Decimal("4900"), 13, -32),
    Bill("1069", MARIGOLD, Decimal("12400"), 12, -33),
    Bill("1070", CASCADE, Decimal("8250"), 11, -34),
    Bill("1071", BAYSIDE, Decimal("4350"), 10, -35),
    Bill("1072", MARIGOLD, Decimal("5300"), 10, -25),  # too much on one buyer
    Bill("1073", PRIYA, Decimal("850"), 9, -21),  # no business
    Bill("1074", TIDEPOOL, Decimal("1240"), 9, -36),  # nobody to write to
    Bill("1075", NORTHWIND, Decimal("3050"), 8, -37),  # a buyer that has paid only once
    Bill("1076", ELM, Decimal("6700"), 7, -38),
    Bill("1077", BAYSIDE, Decimal("64"), 6, -24),  # too small
    Bill("1078", MARIGOLD, Decimal("9800"), 6, -39),
    Bill("1079", FENNEL, Decimal("1850"), 5, -40),
    Bill("1080", CASCADE, Decimal("3300"), 4, -41, tax=Decimal("280.50")),
    Bill("1081", KESTREL, Decimal("4100"), 3, -42),
    Bill("1082", GOLDEN, Decimal("1480"), 3, -42),
)
MEMOS = (Memo("CM-31", GOLDEN, Decimal("250"), 13),)
