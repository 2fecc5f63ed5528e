"""How the last offer of an invoice ended: declined, expired or withdrawn, which its label says."""

from django.db.models import Case, CharField, OuterRef, QuerySet, Subquery, Value, When

from infactor.financing.models import OfferLine
from infactor.invoices.lifecycle import State
from infactor.invoices.models import Invoice


def told(found: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """`found` with `ended_offer` on each invoice; asked only of those whose state says that an offer ended."""
    last = OfferLine.objects.filter(invoice=OuterRef("pk")).order_by("-pk").values("status")[:1]
    ended = When(state=State.PROPOSAL_REJECTED, then=Subquery(last))
    return found.annotate(ended_offer=Case(ended, default=Value(""), output_field=CharField()))
