"""The chart of how much of what can be financed is of one buyer, with the most that infactor finances of one.

It stands on the sums that the rule about concentration measured last, so the line is that of the rule.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from infactor.core import money
from infactor.financing import terms_in_force
from infactor.financing.eligibility.recalculation import debtor_shares
from infactor.financing.eligibility.rules.concentration import most_of_one_debtor
from infactor.financing.models import DebtorShare
from infactor.invoices.models import Buyer
from infactor.suppliers.models import Supplier

MAX_BUYERS = 8  # the largest; the others are one bar
ROW_HEIGHT, TEXT_BASELINE, BAR_TOP = 42, 14, 22
ZERO = Decimal(0)


@dataclass(frozen=True)
class Share:
    """One buyer: what is financed, offered or requested of its invoices, and what more could be. Widths in percent."""

    name: str
    public_id: UUID | None
    used: Decimal
    left: Decimal
    used_width: Decimal
    total_width: Decimal
    amount_text: str
    percent: int
    y: int
    text_y: int

    @property
    def total(self) -> Decimal:
        return self.used + self.left


@dataclass(frozen=True)
class ConcentrationChart:
    """The buyers of one currency, the largest first. `limit` is None where one buyer alone has all: no rule then."""

    currency: str
    shares: tuple[Share, ...]
    total: Decimal
    limit: Decimal | None
    limit_percent: Decimal
    limit_x: Decimal
    description: str

    @property
    def height(self) -> int:
        return ROW_HEIGHT * len(self.shares)

    @property
    def used(self) -> Decimal:
        return sum((one.used for one in self.shares), ZERO)

    @property
    def left(self) -> Decimal:
        return sum((one.left for one in self.shares), ZERO)

    @property
    def is_over(self) -> bool:
        """Whether a buyer has more than the line."""
        return self.limit is not None and any(one.total > self.limit for one in self.shares if one.public_id)


def concentration_charts(*, supplier: Supplier, today: date) -> list[ConcentrationChart]:
    """One chart for each currency in which anything is or can be financed. Four queries and one for each currency."""
    terms = terms_in_force.terms_in_force(supplier=supplier, on=today)
    totals = debtor_shares.totals(supplier_id=supplier.pk)
    rows: dict[str, list[tuple[str, Decimal, Decimal]]] = {}
    for currency, sums in sorted(totals.items()):
        if currency in terms and sums.left + sums.used > 0:
            kept = DebtorShare.objects.filter(supplier=supplier, currency=currency).exclude(left=0, used=0)
            largest = kept.order_by((F("left") + F("used")).desc(), "debtor")
            rows[currency] = list(largest.values_list("debtor", "used", "left")[:MAX_BUYERS])
    buyers = _buyers(supplier, {debtor for found in rows.values() for debtor, _used, _left in found})
    return [
        _chart(currency, found, totals[currency], limit_pct=terms[currency].concentration_limit_pct, buyers=buyers)
        for currency, found in rows.items()
    ]


def _chart(
    currency: str,
    rows: Collection[tuple[str, Decimal, Decimal]],
    sums: debtor_shares.Totals,
    *,
    limit_pct: Decimal,
    buyers: Mapping[str, Buyer],
) -> ConcentrationChart:
    total = sums.left + sums.used
    limit = most_of_one_debtor(total, currency=currency, limit_pct=limit_pct) if sums.debtors > 1 else None
    parts = [(_name(buyers.get(debtor)), buyers.get(debtor), used, left) for debtor, used, left in rows]
    others = (sums.used - sum(row[1] for row in rows), sums.left - sum(row[2] for row in rows))
    if sum(others) > 0:
        parts.append((_("All other buyers"), None, *others))
    longest = max([used + left for _name_, _buyer, used, left in parts] + ([limit] if limit else []))
    shares = tuple(
        Share(
            name=name,
            public_id=buyer.public_id if buyer else None,
            used=used,
            left=left,
            used_width=_percent(used, longest),
            total_width=_percent(used + left, longest),
            amount_text=money.format_amount(used + left, currency, language=get_language() or "en"),
            percent=round((used + left) / total * 100),
            y=ROW_HEIGHT * place + BAR_TOP,
            text_y=ROW_HEIGHT * place + TEXT_BASELINE,
        )
        for place, (name, buyer, used, left) in enumerate(parts)
    )
    return ConcentrationChart(
        currency=currency,
        shares=shares,
        total=total,
        limit=limit,
        limit_percent=limit_pct.normalize(),
        limit_x=_percent(limit, longest) if limit else ZERO,
        description="; ".join(f"{one.name} {one.amount_text}" for one in shares),
    )


def _percent(part: Decimal, of: Decimal) -> Decimal:
    return (part / of * 100).quantize(Decimal("0.1")) if of else ZERO


def _name(buyer: Buyer | None) -> str:
    return str(buyer) if buyer is not None else _("No customer")


def _buyers(supplier: Supplier, debtors: Collection[str]) -> dict[str, Buyer]:
    """The customer of `supplier` that stands for each key of DebtorShare."""
    of_debtors = [int(key.partition(":")[2]) for key in debtors if key.startswith("debtor:")]
    of_buyers = [int(key.partition(":")[2]) for key in debtors if key.startswith("buyer:")]
    rows = Buyer.objects.filter(Q(debtor__in=of_debtors) | Q(pk__in=of_buyers), supplier=supplier, parent=None)
    found: dict[str, Buyer] = {}
    for one in rows.order_by("pk"):
        found.setdefault(f"buyer:{one.pk}" if one.debtor_id is None else f"debtor:{one.debtor_id}", one)
    return found
