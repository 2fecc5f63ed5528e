"""Exposure: what is financed of each debtor, supplier and pair, against the limit that was in force."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from operator import itemgetter

from django.utils.translation import gettext_lazy as _

from infactor.financing.models import Limit
from infactor.reports.moments import Moment, Span
from infactor.reports.receivables import debtor_names, outstanding, supplier_names
from infactor.reports.report import ZERO, Row, amount, percent, share, text

COLUMNS = (
    text(_("Limit of")), text(_("Currency")), text(_("Supplier")), text(_("Buyer")), amount(_("Limit")),
    amount(_("Financed")), amount(_("Left")), percent(_("Used")),
)  # fmt: skip
Key = tuple[str, int]  # ("supplier", id), ("debtor", id), or ("buyer", id) of a customer in no debtor
Pair = tuple[Key | None, Key | None]  # supplier, debtor


class Kind(StrEnum):
    """Of what a limit is. The report has them in the order of their values."""

    BUYER = "buyer"
    PAIR = "pair"
    SUPPLIER = "supplier"


KINDS = {Kind.BUYER: _("Buyer"), Kind.PAIR: _("Pair"), Kind.SUPPLIER: _("Supplier")}


def rows(span: Span) -> Iterator[Row]:
    """Every supplier, debtor and pair with a limit or with something financed, the most used first."""
    financed, names = _financed(span.moment)
    limits = _limits(span.moment)
    names |= {("supplier", pk): name for pk, name in supplier_names(span.moment).items()}
    names |= {("debtor", pk): name for pk, name in debtor_names(span.moment).items()}
    found = []
    for currency, pair in {*financed, *limits}:
        used, limit = financed.get((currency, pair), ZERO), limits.get((currency, pair))
        supplier, debtor = pair
        if limit is None and supplier and debtor:
            continue  # a pair without a limit of its own
        kind = Kind.PAIR if supplier and debtor else Kind.SUPPLIER if supplier else Kind.BUYER
        left = None if limit is None else limit - used
        used_share = None if limit is None else share(used, limit)
        called = names[supplier] if supplier else "", names[debtor] if debtor else ""
        row = Row(currency, (KINDS[kind], currency, *called, limit, used, left, used_share))
        found.append(((currency, kind, -(used_share or 0), *called, str(pair)), row))
    yield from (row for _order, row in sorted(found, key=itemgetter(0)))


def _financed(moment: Moment) -> tuple[dict[tuple[str, Pair], Decimal], dict[Key, str]]:
    """The base that is financed and not paid, for each supplier, debtor and pair, and the names of debtors."""
    sums: dict[tuple[str, Pair], Decimal] = defaultdict(lambda: ZERO)
    names: dict[Key, str] = {}
    for one in outstanding(moment):
        names.setdefault(one.debtor_key, one.debtor)
        if one.receivable:
            sums[one.currency, (("supplier", one.supplier_id), one.debtor_key)] += min(one.base, one.receivable)
    for (currency, (supplier, debtor)), base in list(sums.items()):
        sums[currency, (supplier, None)] += base
        sums[currency, (None, debtor)] += base
    return dict(sums), names


def _limits(moment: Moment) -> dict[tuple[str, Pair], Decimal]:
    """The limits in force: the latest that was set by then for the same buyer and supplier."""
    in_force = Limit.objects.filter(set_at__lte=moment.at)
    latest = in_force.order_by("debtor_id", "supplier_id", "currency", "-set_at", "-pk")
    found: dict[tuple[str, Pair], Decimal] = {}
    for limit in latest.distinct("debtor_id", "supplier_id", "currency"):
        debtor = ("debtor", limit.debtor_id) if limit.debtor_id else None
        supplier = ("supplier", limit.supplier_id) if limit.supplier_id else None
        found[limit.currency, (supplier, debtor)] = limit.amount
    return found
