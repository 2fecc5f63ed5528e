"""What a supplier sees on its invoice's page of what the buyer says."""

from dataclasses import dataclass
from datetime import date

from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from infactor.verification import answers, requests
from infactor.verification.answers import Standing
from infactor.verification.models import Verification


@dataclass(frozen=True)
class Card:
    """For `verification/_card.html`, as `card`: the last question, the last answer, and what may be done now."""

    invoice: Invoice
    verification: Verification | None
    standing: Standing | None
    days_left: int
    is_stale: bool
    may_ask: bool
    why_not: str
    may_resubmit: bool
    disputed: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.verification is not None and self.verification.status in Verification.OPEN


def card(*, invoice: Invoice, today: date) -> Card:
    """The card of `invoice` on the supplier's day `today`. Few queries."""
    last = Verification.objects.filter(invoice=invoice).select_related("supplier").order_by("-pk").first()
    is_open = last is not None and last.status in Verification.OPEN
    why_not = "" if is_open else requests.why_not(invoice=invoice)
    left = 0
    if last is not None and last.expires_at is not None:
        left = max((last.expires_at.astimezone(last.supplier.zone).date() - today).days, 0)
    lines = last.facts["lines"] if last is not None else []
    return Card(
        invoice=invoice,
        verification=last,
        standing=answers.standing_of(invoices=[invoice.pk]).get(invoice.pk),
        days_left=left,
        is_stale=last is not None
        and last.sent_at is not None
        and requests.is_stale(verification=last, invoice=invoice),
        may_ask=not is_open and not why_not,
        why_not=why_not,
        may_resubmit=invoice.state == State.REJECTED,
        disputed=tuple(lines[place]["title"] for place in last.disputed_lines) if last is not None else (),
    )
