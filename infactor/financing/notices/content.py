"""The content of a notice: what its buyer is told, frozen when it is given."""

import hashlib
import json
from datetime import date
from decimal import Decimal
from typing import Any

from infactor.core.plain_text import to_plain_text
from infactor.financing import remittance_instructions
from infactor.financing.models import Advance
from infactor.invoices.debtors.company_names import without_deleted_mark
from infactor.invoices.models import Invoice
from infactor.suppliers.models import AgreementAcceptance
from infactor.verification.email_texts import without_links


def facts_of(*, advance: Advance, invoice: Invoice, agreement: AgreementAcceptance, bought_on: date) -> dict[str, Any]:
    """What the notice says, as JSON with amounts and days as text. `assigned` is the part that infactor has bought.

    No text of the books keeps a character that nobody sees: the buyer copies from it into a bank transfer.
    """
    number = _line(invoice.invoice_no)
    consent = agreement.at.astimezone(advance.supplier.zone).date()
    return {
        "supplier": _line(advance.supplier.name),
        "buyer": _line(without_deleted_mark(invoice.company_name)),
        "number": number,
        "issued": invoice.txn_date and invoice.txn_date.isoformat(),
        "due": invoice.payable_date and invoice.payable_date.isoformat(),
        "amount": None if invoice.invoice_amount is None else f"{invoice.invoice_amount:f}",
        "assigned": f"{advance.face:f}",
        "currency": advance.currency,
        "bought_on": bought_on.isoformat(),
        "pay_to": remittance_instructions.instructions_for(
            number=number, public_id=invoice.public_id, currency=advance.currency
        ),
        "agreement": {
            "title": _line(agreement.text.title),
            "version": agreement.text.version,
            "accepted_by": _line(agreement.user.name or agreement.user.email),
            "accepted_on": consent.isoformat(),
        },
    }


def digest_of(*, facts: dict[str, Any]) -> str:
    """The SHA-256 of `facts`: what an acknowledgement is about."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def for_display(facts: dict[str, Any]) -> dict[str, Any]:
    """`facts` for a template, with Decimal amounts and dates."""
    amount = None if facts["amount"] is None else Decimal(facts["amount"])
    assigned = Decimal(facts["assigned"])
    return {
        **facts,
        "amount": amount,
        "assigned": assigned,
        "is_whole": amount == assigned,
        **{name: facts[name] and date.fromisoformat(facts[name]) for name in ("issued", "due", "bought_on")},
        "agreement": {
            **facts["agreement"],
            "accepted_on": date.fromisoformat(facts["agreement"]["accepted_on"]),
        },
    }


def _line(text: str) -> str:
    """`text` in one line, and no link in it: the only link in an email in infactor's name is infactor's own."""
    return without_links(to_plain_text(text, multiline=False))
