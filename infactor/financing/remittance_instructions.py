"""Remittance instructions: infactor's bank account, and the reference that identifies a payment."""

from uuid import UUID

from django.conf import settings

from infactor.core.plain_text import to_plain_text


def instructions_for(*, number: str, public_id: UUID) -> dict[str, str]:
    """What a buyer enters in the bank transfer: holder, bank, account, routing, and the reference of its invoice."""
    return {**settings.PAY_TO, "reference": payment_reference(number=number, public_id=public_id)}


def instructions_for_supplier(*, public_id: UUID) -> dict[str, str]:
    """What a supplier enters in the bank transfer when it pays what it owes itself.

    Its reference names the supplier and no invoice: with an invoice's the money would be taken for its buyer's.
    """
    return {**settings.PAY_TO, "reference": payment_reference(number="", public_id=public_id)}


def payment_reference(*, number: str, public_id: UUID) -> str:
    """The invoice number and a short code of infactor's, as two suppliers may both have an invoice 1001.

    Always one line and without invisible characters: a number cannot add lines of its own to the instructions, nor turn
    the direction of what a bank shows.
    """
    number = to_plain_text(number, multiline=False)
    return f"{number} IF-{public_id.hex[:8].upper()}".strip()
