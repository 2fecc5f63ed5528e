"""Availability: how much a supplier could have for its invoices now, by currency, from the stored eligibility."""

from dataclasses import dataclass
from decimal import Decimal

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from infactor.financing.eligibility.catalogue import Rule
from infactor.financing.models import Eligibility
from infactor.suppliers.models import Supplier

ZERO = Decimal("0.00")
ELIGIBLE, NEEDS_ACTION = Eligibility.Decision.ELIGIBLE, Eligibility.Decision.NEEDS_ACTION


@dataclass(frozen=True)
class Availability:
    """How many invoices of one currency are eligible, how much they bring at once, and the same of those that need an
    action first."""

    currency: str
    eligible_count: int
    eligible_amount: Decimal
    needs_action_count: int
    needs_action_amount: Decimal
    rules_to_meet: tuple[str, ...]  # of the invoices that need an action, which each of them needs first

    @property
    def next_step(self) -> str:
        """What comes before the invoices that need an action are financed: "after your buyer confirms"."""
        if Rule.APPLICATION in self.rules_to_meet:
            return _("once your application is complete")
        buyers = ngettext("after your buyer confirms", "after your buyers confirm", self.needs_action_count)
        if Rule.DOCUMENTS not in self.rules_to_meet:
            return buyers
        if Rule.VERIFICATION not in self.rules_to_meet:
            return _("after you upload documents")
        return _("after you upload documents or your buyers confirm")


def availability_by_currency(*, supplier: Supplier) -> list[Availability]:
    """Each currency in which anything is eligible or needs an action, the most invoices first. One query."""
    cash = F("advance") - Coalesce(F("terms__wire_fee"), ZERO)
    rows = (
        Eligibility.objects.filter(supplier=supplier, decision__in=[ELIGIBLE, NEEDS_ACTION])
        .order_by()
        .values("invoice__currency")
        .annotate(
            eligible_count=Count("pk", filter=Q(decision=ELIGIBLE)),
            eligible_amount=Sum(cash, filter=Q(decision=ELIGIBLE), default=ZERO),
            needs_action_count=Count("pk", filter=Q(decision=NEEDS_ACTION)),
            needs_action_amount=Sum(cash, filter=Q(decision=NEEDS_ACTION), default=ZERO),
            rules_to_meet=ArrayAgg("deciding_rule", filter=Q(decision=NEEDS_ACTION), distinct=True, default=[]),
        )
    )
    found = [
        Availability(
            row["invoice__currency"],
            row["eligible_count"],
            row["eligible_amount"],
            row["needs_action_count"],
            row["needs_action_amount"],
            tuple(row["rules_to_meet"]),
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (-one.eligible_count, -one.needs_action_count, one.currency))
