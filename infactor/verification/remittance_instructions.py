"""Where a buyer pays: infactor's account, and the words by which the payment is known again."""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from infactor.verification.models import Verification


@dataclass(frozen=True)
class PayTo:
    """What a buyer writes on the transfer."""

    holder: str
    bank: str
    account: str
    routing: str
    reference: str


def details(*, verification: Verification) -> PayTo:
    """Where the invoice of `verification` is paid to."""
    number = str(verification.facts["number"])
    reference = reference_of(number=number, public_id=verification.invoice.public_id)
    return PayTo(**settings.PAY_TO, reference=reference)


def reference_of(*, number: str, public_id: UUID) -> str:
    """The invoice's number and a short code of our own: two suppliers may both have an invoice 1001.

    In one line, whatever the number is made of: below it stands nothing that is not ours.
    """
    number = " ".join(number.split())
    return f"{number} IF-{public_id.hex[:8].upper()}".strip()
