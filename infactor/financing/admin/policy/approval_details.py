"""The facts of what an approval is about, with its current figures."""

from collections.abc import Callable
from typing import Any

from django.utils.html import format_html

from infactor.core.admin.formatting import amount_text, day_text, link
from infactor.core.admin.tables import Facts
from infactor.financing import terms_in_force
from infactor.financing.accounting import balances, payoff
from infactor.financing.admin.base import advance_details
from infactor.financing.admin.base.decisions import account_text
from infactor.financing.admin.base.terms_text import changed_rows
from infactor.financing.admin.payments import payouts
from infactor.financing.admin.payments.payment_entry import payment_facts
from infactor.financing.eligibility import explanations
from infactor.financing.models import Advance, Approval, Collection, Payout
from infactor.financing.policy import limits
from infactor.financing.policy.terms import changed_values, previous_version
from infactor.invoices.models import Buyer, Debtor, Invoice
from infactor.ledger.models import Purpose
from infactor.suppliers.models import Supplier

K = Approval.Kind


def subject_facts(approval: Approval) -> Facts:
    """The current facts of the subject of `approval`."""
    return FACTS_BY_KIND[K(approval.kind)](approval)


def _advance(approval: Approval) -> Facts:
    rows = Advance.objects.select_related("supplier", "buyer", "invoice", "terms")
    advance = rows.get(pk=approval.arguments["advance"])
    facts = [*advance_details.advance_facts(advance)]
    facts.append(("To the account", account_text(supplier=advance.supplier, currency=advance.currency)))
    if approval.kind == K.FUND:
        facts.append(("Blockers", _funding_blockers(advance)))
        if old := advance_details.stale_books_text(advance):
            facts.append(("Old books", old))
    if approval.kind == K.SETTLE:
        try:
            settlement = payoff.quote_settlement(advance=advance, with_set_off=approval.arguments.get("nets"))
        except payoff.PayoffError as error:
            return [*facts, ("Blockers", str(error))]
        if settlement.owed_before:
            facts.append(("Set off against what it owes", amount_text(settlement.set_off, advance.currency)))
        facts += [
            ("Fee", settlement.fee.formula),
            ("Paid to the supplier", amount_text(settlement.rebate, advance.currency)),
        ]
    return facts


def _funding_blockers(advance: Advance) -> str:
    if advance.status != Advance.Status.ACCEPTED:
        return f"It no longer waits to be paid out. Its status is: {advance.get_status_display().lower()}."
    blockers = advance_details.blockers_table(advance).rows
    return " ".join(str(row[0]) for row in blockers) or "none"


def _payout(approval: Approval) -> Facts:
    rows = Payout.objects.select_related("supplier", "bank_account")
    payout = rows.get(pk=approval.arguments["payout"])
    account = account_text(supplier=payout.supplier, currency=payout.currency)
    return [*payouts.payout_facts(payout), ("To the account now", account)]


def _payment(approval: Approval) -> Facts:
    """The payment, and who would get what of it back."""
    facts = list(payment_facts(Collection.objects.get(pk=approval.arguments["collection"])))
    if payee := approval.arguments.get("payee"):
        facts.append(("Paid back to", str(payee)))
    return facts


def _corrected(approval: Approval) -> Facts:
    """The payment or the advance that is corrected."""
    return _advance(approval) if "advance" in approval.arguments else _payment(approval)


def _remittance(approval: Approval) -> Facts:
    supplier, currency = Supplier.objects.get(pk=approval.arguments["supplier"]), approval.arguments["currency"]
    surplus = balances.supplier_balance(purpose=Purpose.PAYABLE_TO_SUPPLIER, supplier_id=supplier.pk, currency=currency)
    return [
        ("Supplier", link(supplier)),
        ("Surplus", amount_text(surplus, currency)),
        ("To the account", account_text(supplier=supplier, currency=currency)),
    ]


def _limit(approval: Approval) -> Facts:
    given = approval.arguments
    debtor = Debtor.objects.filter(pk=given.get("debtor")).first()
    supplier = Supplier.objects.filter(pk=given.get("supplier")).first()
    return limit_facts(debtor=debtor, supplier=supplier, currency=given["currency"])


def limit_facts(
    *, debtor: Debtor | None, supplier: Supplier | None, currency: str, new_debtor: Buyer | None = None
) -> Facts:
    """Whose limit it is, and the limit in force. `new_debtor` is a buyer that becomes a debtor with it."""
    buyer_text: object = link(debtor) if debtor else f"{new_debtor}: becomes a debtor" if new_debtor else "every buyer"
    current = None if new_debtor else limits.current_limit(debtor=debtor, supplier=supplier, currency=currency)
    return [
        ("Buyer", buyer_text),
        ("Supplier", link(supplier) if supplier else "every supplier"),
        (
            "Limit in force",
            amount_text(current.amount, current.currency) if current else "none: the limit of the terms applies",
        ),
    ]


def _terms(approval: Approval) -> Facts:
    terms = terms_in_force.from_text(given=approval.arguments)
    before = previous_version(terms=terms)
    changes = changed_values(before=before, after=terms)
    return [
        ("For", link(terms.supplier) if terms.supplier else "every supplier without terms of its own"),
        ("In force from", day_text(terms.valid_from)),
        ("Replaces", str(before) if before else "no terms yet"),
        *(
            (name, format_html("{} → {}", old, new))
            for name, old, new in changed_rows(changes, currency=terms.currency)
        ),
    ]


def _override(approval: Approval) -> Facts:
    given = approval.arguments
    invoice = Invoice.objects.select_related("supplier", "buyer").filter(pk=given.get("invoice")).first()
    buyer = Buyer.objects.select_related("supplier").filter(pk=given.get("buyer")).first()
    return [("Rule", explanations.staff_title(given["rule"])), *override_facts(invoice=invoice, buyer=buyer)]


def override_facts(*, invoice: Invoice | None, buyer: Buyer | None) -> Facts:
    """The invoice or the buyer for which a rule is overridden."""
    if invoice is not None:
        return [
            ("Invoice", link(invoice)),
            ("Supplier", link(invoice.supplier)),
            ("Buyer", str(invoice.buyer or invoice.company_name or "-")),
            ("Open balance", amount_text(invoice.balance, invoice.currency)),
            ("Issued", day_text(invoice.txn_date)),
            ("Due", day_text(invoice.payable_date)),
        ]
    if buyer is None:
        return []
    return [("Buyer", link(buyer)), ("Supplier", link(buyer.supplier)), ("Applies to", "all its invoices")]


FACTS_BY_KIND: dict[K, Callable[[Any], Facts]] = {
    K.FUND: _advance,
    K.SETTLE: _advance,
    K.WRITE_OFF: _advance,
    K.SHORT: _advance,
    K.REPURCHASE: _advance,
    K.COST: _advance,
    K.REFUND: _payment,
    K.CORRECTION: _corrected,
    K.REMIT: _remittance,
    K.RESEND: _payout,
    K.LIMIT: _limit,
    K.TERMS: _terms,
    K.OVERRIDE: _override,
}
