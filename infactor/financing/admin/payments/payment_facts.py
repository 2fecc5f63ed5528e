"""What staff's pages say of a payment: its facts, what is left of it, and that it was undone."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from infactor.core.admin.blockers import done_blocker
from infactor.core.admin.formatting import amount_text, day_text, link
from infactor.core.admin.tables import Facts
from infactor.financing.collections import payments
from infactor.financing.models import Collection, Correction


def left_of(collection: Any) -> Decimal:
    """What waits to be matched, as it was read with the payment where a page read it; in its currency."""
    known: Decimal | None = getattr(collection, "unallocated", None)
    return payments.unallocated(collection=collection) if known is None else known


def undone_text(collection: Collection) -> str:
    """That a payment was returned or withdrawn, when and by whom; empty where it counts."""
    if collection.returned_on is not None:
        return done_blocker(_("returned by the bank"), at=collection.returned_on, by=collection.returned_by)
    withdrawal = collection.corrections.filter(kind=Correction.Kind.WITHDRAWAL).select_related("made_by").first()
    return "" if withdrawal is None else done_blocker(_("withdrawn"), at=withdrawal.made_at, by=withdrawal.made_by)


def payment_facts(collection: Collection) -> Facts:
    return [
        (_("Payment"), link(collection)),
        (_("Amount"), amount_text(collection.amount, collection.currency)),
        (_("To be matched"), amount_text(left_of(collection), collection.currency)),
        (_("Value date"), day_text(collection.value_date)),
        (_("Payer"), collection.payer or "-"),
        (_("What it is for"), collection.remittance or "-"),
        (_("Bank's reference"), collection.bank_reference),
    ]
