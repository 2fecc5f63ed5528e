"""What an approval is about, with its figures as they are now."""

from collections.abc import Callable
from typing import Any

from django.utils.html import format_html

from infactor.core.admin.base import amount_text
from infactor.financing import terms_in_force
from infactor.financing.accounting import journal, payoff
from infactor.financing.admin.base import advance_details
from infactor.financing.admin.base.parts import day_text, link
from infactor.financing.admin.base.terms_text import changed_rows
from infactor.financing.admin.payments import payouts
from infactor.financing.eligibility import explanations
from infactor.financing.models import Advance, Approval, Disbursement
from infactor.financing.policy import changes
from infactor.invoices.models import Buyer, Debtor, Invoice
from infactor.ledger.models import Purpose
from infactor.suppliers.models import Supplier

Facts = list[tuple[str, object]]
K = Approval.Kind


def subject_facts(approval: Approval) -> Facts:
    """The subject of `approval` as it is now."""
    return FACTS[K(approval.kind)](approval)


def _advance(approval: Approval) -> Facts:
    rows = Advance.objects.select_related("supplier", "buyer", "invoice", "terms")
    advance = rows.get(pk=approval.arguments["advance"])
    shown = advance_details.facts_of(advance)
    shown.append(("To the account", advance_details.account_text(advance)))
    if approval.kind == K.FUND:
        shown.append(("What stands against it", _against(advance)))
        if old := advance_details.old_books_text(advance):
            shown.append(("Old books", old))
    if approval.kind == K.SETTLE:
        try:
            told = payoff.settlement_of(advance=advance, sets_off=approval.arguments.get("sets_off", False))
        except payoff.NotEnded as refusal:
            return [*shown, ("What stands against it", str(refusal))]
        if told.due:
            shown.append(("Set off against what it owes", amount_text(told.set_off, advance.currency)))
        shown += [("Fee", told.fee.formula), ("Paid to the supplier", amount_text(told.rebate, advance.currency))]
    return shown


def _against(advance: Advance) -> str:
    if advance.status != Advance.Status.ACCEPTED:
        return f"It waits to be paid out no more: {advance.get_status_display().lower()}."
    obstacles = advance_details.obstacles_table(advance).rows
    return " ".join(str(row[0]) for row in obstacles) or "nothing"


def _payout(approval: Approval) -> Facts:
    rows = Disbursement.objects.select_related("supplier", "bank_account")
    payout = rows.get(pk=approval.arguments["payout"])
    now = payouts.account_text(payout.supplier, payout.currency)
    return [*payouts.facts_of(payout), ("To the account now", now)]


def _pass_on(approval: Approval) -> Facts:
    supplier, currency = Supplier.objects.get(pk=approval.arguments["supplier"]), approval.arguments["currency"]
    here = journal.of_supplier(purpose=Purpose.PAYABLE_TO_SUPPLIER, supplier_id=supplier.pk, currency=currency)
    return [
        ("Supplier", link(supplier)),
        ("Held for it", amount_text(here, currency)),
        ("To the account", payouts.account_text(supplier, currency)),
    ]


def _limit(approval: Approval) -> Facts:
    given = approval.arguments
    debtor = Debtor.objects.filter(pk=given.get("debtor")).first()
    supplier = Supplier.objects.filter(pk=given.get("supplier")).first()
    return limit_facts(debtor=debtor, supplier=supplier, currency=given["currency"])


def limit_facts(
    *, debtor: Debtor | None, supplier: Supplier | None, currency: str, newcomer: Buyer | None = None
) -> Facts:
    """Whose limit, and the one that holds now. A `newcomer` is a buyer that becomes a debtor with it."""
    whose: object = link(debtor) if debtor else f"{newcomer}: becomes a debtor" if newcomer else "every buyer"
    now = None if newcomer else changes.current_limit(debtor=debtor, supplier=supplier, currency=currency)
    return [
        ("Buyer", whose),
        ("Supplier", link(supplier) if supplier else "every supplier"),
        ("Limit now", amount_text(now.amount, now.currency) if now else "none set: that of the terms"),
    ]


def _terms(approval: Approval) -> Facts:
    terms = terms_in_force.from_text(given=approval.arguments)
    before = changes.version_before(terms=terms)
    found = changes.changes(before=before, after=terms)
    return [
        ("For", link(terms.supplier) if terms.supplier else "every supplier without terms of its own"),
        ("Holds from", day_text(terms.valid_from)),
        ("Instead of", str(before) if before else "no terms yet"),
        *((name, format_html("{} → {}", old, new)) for name, old, new in changed_rows(found, currency=terms.currency)),
    ]


def _override(approval: Approval) -> Facts:
    given = approval.arguments
    invoice = Invoice.objects.select_related("supplier", "buyer").filter(pk=given.get("invoice")).first()
    buyer = Buyer.objects.select_related("supplier").filter(pk=given.get("buyer")).first()
    return [("Rule", explanations.title_for_staff(given["rule"])), *override_facts(invoice=invoice, buyer=buyer)]


def override_facts(*, invoice: Invoice | None, buyer: Buyer | None) -> Facts:
    """The invoice or the buyer that a rule is to let pass."""
    if invoice is not None:
        return [
            ("Invoice", link(invoice)),
            ("Supplier", link(invoice.supplier)),
            ("Buyer", str(invoice.buyer or invoice.company_name or "-")),
            ("Open", amount_text(invoice.balance, invoice.currency)),
            ("Issued", day_text(invoice.txn_date)),
            ("Due", day_text(invoice.payable_date)),
        ]
    if buyer is None:
        return []
    return [("Buyer", link(buyer)), ("Supplier", link(buyer.supplier)), ("Holds for", "all its invoices")]


FACTS: dict[K, Callable[[Any], Facts]] = {
    K.FUND: _advance,
    K.SETTLE: _advance,
    K.WRITE_OFF: _advance,
    K.PASS_ON: _pass_on,
    K.PAY_AGAIN: _payout,
    K.LIMIT: _limit,
    K.TERMS: _terms,
    K.OVERRIDE: _override,
}
