"""Concentration: how much of all that is outstanding one debtor owes, and one supplier has sold."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from operator import itemgetter

from django.utils.translation import gettext_lazy as _

from infactor.reports.moments import Span
from infactor.reports.receivables import outstanding
from infactor.reports.report import ZERO, ReportCell, Row, amount, count, percent, share, text, with_totals

COLUMNS = (
    text(_("Who")), text(_("Currency")), text(_("As")), count(_("Invoices")), amount(_("Outstanding")),
    percent(_("Share")), amount(_("Funds employed")), percent(_("Largest counterpart's share")),
    text(_("Largest counterpart")),
)  # fmt: skip
BUYER, SUPPLIER = 0, 1  # the order of the report
ROLES = {BUYER: _("Buyer"), SUPPLIER: _("Supplier")}
Who = tuple[str, int]  # ("supplier", id), ("debtor", id), or ("buyer", id) of a customer in no debtor
Group = tuple[str, int, Who]  # currency, role, who


def rows(span: Span) -> Iterator[Row]:
    """Debtors, then suppliers, the largest first; for each the largest supplier or debtor behind it."""
    received: dict[str, Decimal] = defaultdict(lambda: ZERO)
    sums: dict[Group, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    counts: dict[Group, int] = defaultdict(int)
    behind: dict[Group, dict[Who, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    names: dict[Who, str] = {}
    for one in outstanding(span.moment):
        supplier: Who = ("supplier", one.supplier_id)
        names[one.debtor_key], names[supplier] = one.debtor, one.supplier
        received[one.currency] += one.receivable
        for role, who, other in ((BUYER, one.debtor_key, supplier), (SUPPLIER, supplier, one.debtor_key)):
            group = (one.currency, role, who)
            sums[group][0] += one.receivable
            sums[group][1] += one.funds_employed
            counts[group] += 1
            behind[group][other] += one.receivable
    for role, title in ROLES.items():
        found = []
        for group in sorted(key for key in sums if key[1] == role):
            currency, _role, who = group
            owed, employed = sums[group]
            largest, most = max(behind[group].items(), key=lambda item: (item[1], names[item[0]], item[0]))
            cells: Sequence[ReportCell] = (
                names[who], currency, title, counts[group], owed, share(owed, received[currency]), employed,
                share(most, owed), names[largest],
            )  # fmt: skip
            found.append(((currency, -owed, names[who]), Row(currency, cells)))
        yield from with_totals([row for _order, row in sorted(found, key=itemgetter(0))], summed=(3, 4, 5, 6))
