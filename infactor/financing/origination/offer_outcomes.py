"""Outcomes of offers: how the last offer of an invoice ended, for its status label."""

from django.db.models import BooleanField, Case, CharField, Exists, OuterRef, QuerySet, Subquery, Value, When

from infactor.financing.models import Advance, OfferLine
from infactor.invoices.models import Invoice
from infactor.invoices.states import State


def with_last_outcome(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """`invoices` with `last_offer_status` and `is_repurchased`, queried only where the state allows them.

    `last_offer_status` is the status of the last offer line of a rejected proposal, else empty. `is_repurchased` says
    of a completed invoice whether its supplier bought it back.
    """
    last = OfferLine.objects.filter(invoice=OuterRef("pk")).order_by("-pk").values("status")[:1]
    rejected = When(state=State.PROPOSAL_REJECTED, then=Subquery(last))
    repurchases = Advance.objects.filter(invoice=OuterRef("pk"), status=Advance.Status.REPURCHASED)
    completed = When(state=State.COMPLETED, then=Exists(repurchases))
    return invoices.annotate(
        last_offer_status=Case(rejected, default=Value(""), output_field=CharField()),
        is_repurchased=Case(completed, default=Value(False), output_field=BooleanField()),
    )
