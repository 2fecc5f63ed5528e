"""Which invoices infactor finances: it neither deletes nor voids them in the supplier's books."""

from collections.abc import Callable

from django.db.models import Exists, OuterRef, Q

from infactor.financing.models import Advance
from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from quickbooks_app.models import Connection

# Asked for, offered or accepted: it may be bought at any moment.
ON_THE_WAY = (State.REQUESTED, State.PROPOSED, State.PROPOSAL_ACCEPTED)


def financed_invoices(connection: Connection) -> Callable[[str], bool]:
    """A question about an invoice of this company, by QuickBooks' id: was it ever bought, or may it be soon?"""

    def is_financed(qbk_id: str) -> bool:
        bought = Advance.objects.filter(invoice=OuterRef("pk")).exclude(status=Advance.Status.CANCELLED)
        return Invoice.objects.filter(
            Q(Exists(bought)) | Q(state__in=ON_THE_WAY),
            company_file=connection.company_file_id,
            qbk_invoice_id=qbk_id,
        ).exists()

    return is_financed
