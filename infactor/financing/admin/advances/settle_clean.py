"""Settle all collected advances of the list that are clean, each as its own page would."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from infactor.core.admin.formatting import amount_text, amounts_text, day_text
from infactor.core.admin.many_rows import Outcome
from infactor.core.translatable import Text
from infactor.financing.accounting import payoff
from infactor.financing.admin.advances.many_advances import ManyAdvancesDecision
from infactor.financing.admin.advances.settling import settlement_request
from infactor.financing.admin.base.decisions import money_day
from infactor.financing.advances import closing
from infactor.financing.models import CLOSED_STATUSES, Advance, Case


class NotClean(Exception):
    """A person must look at this advance. The message says why."""


class SettleCleanView(ManyAdvancesDecision):
    """Charge the fee and release the rest of the reserve of every advance about which there is no question."""

    name = "settle_clean"
    label: Text = gettext_lazy("Settle all that are clean")
    title = label
    button = gettext_lazy("Settle them")
    permission = closing.SETTLE_ADVANCES
    columns = (
        gettext_lazy("Invoice"),
        gettext_lazy("Supplier"),
        gettext_lazy("Buyer paid on"),
        gettext_lazy("Fee"),
        gettext_lazy("Paid to the supplier"),
        gettext_lazy("Set off"),
    )
    done_caption = gettext_lazy("Will be settled")
    refused_caption = gettext_lazy("Will not be settled")
    refusals = (*ManyAdvancesDecision.refusals, NotClean)
    notes = (
        gettext_lazy("Clean is: the buyer has paid in full, no case is open, and the reserve covers the fee."),
        gettext_lazy(
            "What a supplier owes is set off where the terms of the advance let it be; where they do "
            "not, it is not clean."
        ),
    )

    def candidates(self, rows: "QuerySet[Advance]") -> "QuerySet[Advance]":
        return rows.filter(status__in=CLOSED_STATUSES).order_by("collected_on", "pk")

    def act(self, row: Advance) -> Outcome:
        quote = payoff.quote_settlement(advance=row)
        _require_clean(row, quote)
        request = settlement_request(advance=row, quote=quote, value_date=money_day(), nets=None)
        return self.outcome(row, request, cells=_cells(row, quote))

    def message(self, done: Sequence[Outcome]) -> str:
        count = len(done)
        return ngettext("%(count)s advance is settled.", "%(count)s advances are settled.", count) % {"count": count}


def _require_clean(row: Advance, quote: payoff.Settlement) -> None:
    """Raise NotClean where a person should look first."""
    if row.status == Advance.Status.CLOSED_SHORT:
        raise NotClean(_("It was closed short."))
    kinds = row.cases.filter(closed_at=None).values_list("kind", flat=True)
    if kinds:
        raise NotClean(
            _("A case is open: %(kinds)s.") % {"kinds": ", ".join(Case.Kind(one).label.lower() for one in kinds)}
        )
    if quote.owed:
        raise NotClean(_("The fee is more than the reserve: the supplier would owe the rest."))
    if quote.owed_before and not row.terms.nets_from_rebates:
        raise NotClean(_("The supplier owes infactor, and the terms do not let that be set off."))


def _cells(row: Advance, quote: payoff.Settlement) -> Sequence[object]:
    currency = row.currency
    return (
        str(row.invoice),
        str(row.supplier),
        day_text(row.collected_on),
        amount_text(quote.fee.amount, currency),
        amount_text(quote.rebate, currency),
        amounts_text([(currency, quote.set_off)] if quote.set_off else []),
    )
