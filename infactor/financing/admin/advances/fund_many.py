"""Pay out many accepted advances of the list, each as its own page would."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy, ngettext

from infactor.core.admin.formatting import amount_text, amounts_text
from infactor.core.admin.many_rows import Outcome
from infactor.core.translatable import Text
from infactor.financing import netting
from infactor.financing.admin.advances.funding import funding_request
from infactor.financing.admin.advances.many_advances import ManyAdvancesDecision
from infactor.financing.admin.base.decisions import account_text, money_day
from infactor.financing.advances import funding
from infactor.financing.models import Advance


class FundManyView(ManyAdvancesDecision):
    """Pay out every accepted advance that nothing blocks, today, with what the terms let be deducted."""

    name = "fund_many"
    label: Text = gettext_lazy("Pay out all that are clean")
    title = label
    button = gettext_lazy("Pay them out")
    permission = funding.FUND_ADVANCES
    columns = (
        gettext_lazy("Invoice"),
        gettext_lazy("Supplier"),
        gettext_lazy("To the account"),
        gettext_lazy("Paid out"),
        gettext_lazy("Deducted"),
    )
    done_caption = gettext_lazy("Will be paid out")
    refused_caption = gettext_lazy("Will not be paid out")
    notes = (
        gettext_lazy("Clean is: nothing blocks the payout, and the books were read lately."),
        gettext_lazy("Each buyer gets the notice of assignment: from then on it pays infactor."),
        gettext_lazy("What a supplier owes is deducted where the terms of the advance let it be."),
    )

    def candidates(self, rows: "QuerySet[Advance]") -> "QuerySet[Advance]":
        return rows.filter(status=Advance.Status.ACCEPTED).order_by("accepted_at", "pk")

    def act(self, row: Advance) -> Outcome:
        nets = row.terms.nets_from_advances
        netted = netting.amount_to_net(out=row.cash, supplier_id=row.supplier_id, currency=row.currency, nets=nets)
        cells = (
            str(row.invoice),
            str(row.supplier),
            account_text(supplier=row.supplier, currency=row.currency),
            amount_text(row.cash - netted, row.currency),
            amounts_text([(row.currency, netted)] if netted else []),
        )
        request = funding_request(advance=row, value_date=money_day(), netted=netted)
        return self.outcome(row, request, cells=cells)

    def message(self, done: Sequence[Outcome]) -> str:
        count = len(done)
        return ngettext("%(count)s advance is paid out.", "%(count)s advances are paid out.", count) % {"count": count}
