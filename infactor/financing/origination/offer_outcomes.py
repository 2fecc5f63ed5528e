"""How the last offer of an invoice ended, which its label says, and whether its supplier bought it back."""

from django.db.models import BooleanField, Case, CharField, Exists, OuterRef, QuerySet, Subquery, Value, When

from infactor.financing.models import Advance, OfferLine
from infactor.invoices.models import Invoice
from infactor.invoices.states import State


def told(found: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """`found` with `ended_offer` and `is_bought_back` on each invoice; asked only of those whose state allows it."""
    last = OfferLine.objects.filter(invoice=OuterRef("pk")).order_by("-pk").values("status")[:1]
    ended = When(state=State.PROPOSAL_REJECTED, then=Subquery(last))
    back = Advance.objects.filter(invoice=OuterRef("pk"), status=Advance.Status.REPURCHASED)
    completed = When(state=State.COMPLETED, then=Exists(back))
    return found.annotate(
        ended_offer=Case(ended, default=Value(""), output_field=CharField()),
        is_bought_back=Case(completed, default=Value(False), output_field=BooleanField()),
    )
