"""Financing in a simulation: invoices that infactor has bought, whose buyers were told to pay it."""

from datetime import datetime
from random import Random

from infactor.financing.advances.funding import FundingError
from infactor.financing.models import Advance, Notice
from infactor.financing.notices import releases
from infactor.financing.origination.offers import OfferError
from infactor.financing.origination.requests import RequestError
from infactor.invoices.models import Invoice
from quickbooks_app.models import Connection
from tests.simulation.writes.effects import Effects
from tests.support.scenarios.financing import Scenario

REFUSALS = (RequestError, OfferError, FundingError)


def buy_any(scenario: Scenario, *, connection: Connection, chance: Random, effects: Effects, at: datetime) -> str:
    """Finance a random open invoice of the books. Returns what came of it, for the log."""
    invoices = list(
        Invoice.objects.filter(company_file=connection.company_file_id, balance__gt=0, buyer__isnull=False)
        .exclude(books_status="deleted")
        .order_by("pk")
    )
    if not invoices:
        return ""
    invoice = chance.choice(invoices)
    scenario.now = at
    try:
        scenario.funded(invoice)
    except REFUSALS as refusal:
        return f"not bought: invoice {invoice.qbk_invoice_id}: {refusal}"
    effects.financed.add((connection.realm_id, invoice.qbk_invoice_id))
    return f"bought: invoice {invoice.qbk_invoice_id}"


def release_any(*, connection: Connection, chance: Random, at: datetime) -> str:
    """Release the buyer of a random notice. Returns what came of it, for the log."""
    advances = Advance.objects.filter(supplier=connection.supplier_id).order_by("pk")
    if not advances:
        return ""
    advance = chance.choice(list(advances))
    released = releases.release(advance=advance, reason=Notice.ReleaseReason.REPURCHASED, by=None, at=at)
    return f"released: the buyer of advance {advance.pk}" if released else ""
