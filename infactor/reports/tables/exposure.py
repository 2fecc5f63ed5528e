"""Exposure: what is financed of each debtor, supplier and pair, against the limit that was in force."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from infactor.financing.models import Limit
from infactor.reports.moments import Moment, Span
from infactor.reports.receivables import outstanding
from infactor.reports.report import ZERO, Row, amount, percent, share, text

COLUMNS = (
    text("Limit of"), text("Currency"), text("Supplier"), text("Buyer"), amount("Limit"), amount("Financed"),
    amount("Left"), percent("Used"),
)  # fmt: skip
Pair = tuple[int | None, tuple[str, int] | None]  # supplier, debtor


def rows(span: Span) -> Iterator[Row]:
    """Every supplier, debtor and pair with a limit or with something financed, the most used first."""
    financed, names = _financed(span.moment)
    limits = _limits(span.moment, names)
    found = []
    for currency, pair in {*financed, *limits}:
        used, limit = financed.get((currency, pair), ZERO), limits.get((currency, pair))
        supplier, debtor = names.get(("supplier", pair[0]), ""), names.get(pair[1], "")
        if limit is None and supplier and debtor:
            continue  # a pair without a limit of its own
        kind = "Pair" if supplier and debtor else "Supplier" if supplier else "Buyer"
        left = None if limit is None else limit - used
        used_share = None if limit is None else share(used, limit)
        found.append(Row(currency, (kind, currency, supplier, debtor, limit, used, left, used_share)))
    found.sort(key=lambda row: (row.currency, str(row.cells[0]), -(row.cells[7] or 0), str(row.cells[2:4])))  # type: ignore[operator]
    yield from found


def _financed(moment: Moment) -> tuple[dict[tuple[str, Pair], Decimal], dict[object, str]]:
    """The base that is financed and not paid, for each supplier, debtor and pair, and the names of both."""
    sums: dict[tuple[str, Pair], Decimal] = defaultdict(lambda: ZERO)
    names: dict[object, str] = {}
    for one in outstanding(moment):
        names.setdefault(("supplier", one.supplier.pk), one.supplier.name)
        names.setdefault(one.debtor_key, one.debtor)
        if one.receivable:
            sums[one.currency, (one.supplier.pk, one.debtor_key)] += min(one.base, one.receivable)
    for (currency, (supplier, debtor)), base in list(sums.items()):
        sums[currency, (supplier, None)] += base
        sums[currency, (None, debtor)] += base
    return dict(sums), names


def _limits(moment: Moment, names: dict[object, str]) -> dict[tuple[str, Pair], Decimal]:
    """The limits in force: the latest that was set by then for the same buyer and supplier."""
    in_force = Limit.objects.filter(set_at__lte=moment.at).select_related("debtor", "supplier")
    latest = in_force.order_by("debtor_id", "supplier_id", "currency", "-set_at", "-pk")
    found: dict[tuple[str, Pair], Decimal] = {}
    for limit in latest.distinct("debtor_id", "supplier_id", "currency"):
        debtor = ("debtor", limit.debtor_id) if limit.debtor_id else None
        if limit.supplier is not None:
            names["supplier", limit.supplier_id] = limit.supplier.name
        if debtor and limit.debtor is not None:
            names[debtor] = limit.debtor.name
        found[limit.currency, (limit.supplier_id, debtor)] = limit.amount
    return found
