"""The facts of what an approval is about, with its current figures."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from infactor.core.admin.formatting import amount_text, day_text, link, moment_text
from infactor.core.admin.tables import Facts
from infactor.financing import netting, terms_in_force
from infactor.financing.accounting import balances, payoff
from infactor.financing.admin.base import advance_details
from infactor.financing.admin.base.decisions import account_text
from infactor.financing.admin.base.terms_text import changed_rows
from infactor.financing.admin.payments import payout_decisions
from infactor.financing.admin.payments.payment_facts import payment_facts
from infactor.financing.eligibility import explanations
from infactor.financing.models import (
    Advance,
    Approval,
    Collection,
    FinancingRequest,
    FundingTerms,
    Netting,
    PayeeAccount,
    Payout,
)
from infactor.financing.money_out import blockers
from infactor.financing.origination.deals import Deal
from infactor.financing.policy import limits
from infactor.financing.policy.terms import changed_values, previous_version
from infactor.invoices.models import Buyer, Debtor, Invoice
from infactor.ledger.models import PeriodClosing, Purpose
from infactor.suppliers.check_catalogue import ITEMS
from infactor.suppliers.models import CheckKind, Supplier

K = Approval.Kind


def subject_facts(approval: Approval) -> Facts:
    """The current facts of the subject of `approval`."""
    return FACTS_BY_KIND[K(approval.kind)](approval)


def _advance(approval: Approval) -> Facts:
    rows = Advance.objects.select_related("supplier", "buyer", "invoice", "terms")
    advance = rows.get(pk=approval.arguments["advance"])
    facts = [*advance_details.advance_facts(advance)]
    facts.append((_("To the account"), account_text(supplier=advance.supplier, currency=advance.currency)))
    if approval.kind == K.FUND:
        facts.append((_("Blockers"), _funding_blockers(advance)))
        if old := advance_details.stale_books_text(advance):
            facts.append((_("Old books"), old))
        nets = netting.is_default(terms=advance.terms, source=Netting.Source.ADVANCE)
        facts += debt_decided(approval, out=advance.cash, supplier=advance.supplier, by_terms=nets)
    if approval.kind == K.SETTLE:
        try:
            settlement = payoff.quote_settlement(advance=advance, with_set_off=approval.arguments.get("nets"))
        except payoff.PayoffError as error:
            return [*facts, (_("Blockers"), str(error))]
        if settlement.owed_before:
            facts += [
                (_("The supplier owes infactor"), amount_text(settlement.owed_before, advance.currency)),
                (_("Set off against what it owes"), amount_text(settlement.set_off, advance.currency)),
                (_("Deduction"), _deduction(approval, by_terms=advance.terms.nets_from_rebates)),
            ]
        facts += [
            (_("Fee"), settlement.fee.formula),
            (_("Paid to the supplier"), amount_text(settlement.rebate, advance.currency)),
        ]
    return facts


def debt_decided(approval: Approval, *, out: Decimal, supplier: Supplier, by_terms: bool) -> Facts:
    """What the supplier owes, what of `out` is deducted for it, and who says so; nothing where it owes nothing.

    `by_terms`: whether the terms let infactor deduct it. Whoever asked may have chosen otherwise.
    """
    owed = netting.debt(supplier_id=supplier.pk, currency=approval.currency)
    if owed <= 0:
        return []
    deducted = min(out, owed) if _is_deducted(approval, by_terms=by_terms) else Decimal(0)
    return [
        (_("The supplier owes infactor"), amount_text(owed, approval.currency)),
        (_("Deducted for it"), amount_text(deducted, approval.currency)),
        (_("Deduction"), _deduction(approval, by_terms=by_terms)),
        (_("Paid to the supplier"), amount_text(out - deducted, approval.currency)),
    ]


def _is_deducted(approval: Approval, *, by_terms: bool) -> bool:
    asked = approval.arguments.get("nets")
    return by_terms if asked is None else bool(asked)


def _deduction(approval: Approval, *, by_terms: bool) -> str:
    """Whether a debt is deducted, and whether that is the rule of the terms or the choice of whoever asked."""
    is_deducted = _is_deducted(approval, by_terms=by_terms)
    if is_deducted == by_terms:
        return _("deducted, as the terms say") if by_terms else _("not deducted, as the terms say")
    chosen = (
        _("deducted: %(person)s chose so, and the terms do not say it")
        if is_deducted
        else _("not deducted: %(person)s chose so, although the terms say that it is")
    )
    return chosen % {"person": approval.requested_by}


def _funding_blockers(advance: Advance) -> str:
    if advance.status != Advance.Status.ACCEPTED:
        return _("It no longer waits to be paid out. Its status is: %(status)s.") % {
            "status": advance.get_status_display().lower()
        }
    blockers = advance_details.blockers_table(advance).rows
    return " ".join(str(row[0]) for row in blockers) or _("none")


def _payout(approval: Approval) -> Facts:
    rows = Payout.objects.select_related("supplier", "bank_account", "advance__terms")
    payout = rows.get(pk=approval.arguments["payout"])
    if payout.supplier is None:
        return payout_decisions.payout_facts(payout)
    account = account_text(supplier=payout.supplier, currency=payout.currency)
    nets = netting.is_default_again(payout=payout, at=timezone.now())
    return [
        *payout_decisions.payout_facts(payout),
        (_("To the account now"), account),
        *debt_decided(approval, out=payout.amount, supplier=payout.supplier, by_terms=nets),
    ]


def _payment(approval: Approval) -> Facts:
    """The payment, and who would get what of it back."""
    facts = list(payment_facts(Collection.objects.get(pk=approval.arguments["collection"])))
    if key := approval.arguments.get("payee_account"):
        account = PayeeAccount.objects.get(pk=key)
        facts.append((_("Paid back to"), link(account, f"{account}, {account.bank_name}")))
        if against := blockers.of_payee_account(account):
            facts.append((_("Before you approve"), against))
    return facts


def _corrected(approval: Approval) -> Facts:
    """The payment or the advance that is corrected."""
    return _advance(approval) if "advance" in approval.arguments else _payment(approval)


def _remittance(approval: Approval) -> Facts:
    supplier, currency = Supplier.objects.get(pk=approval.arguments["supplier"]), approval.arguments["currency"]
    nets = netting.is_default_of_surplus(supplier=supplier, currency=currency, at=timezone.now())
    surplus = balances.supplier_balance(purpose=Purpose.PAYABLE_TO_SUPPLIER, supplier_id=supplier.pk, currency=currency)
    return [
        (_("Supplier"), link(supplier)),
        (_("Surplus"), amount_text(surplus, currency)),
        (_("To the account"), account_text(supplier=supplier, currency=currency)),
        *debt_decided(approval, out=Decimal(approval.arguments["amount"]), supplier=supplier, by_terms=nets),
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
    buyer_text: object = (
        link(debtor)
        if debtor
        else _("%(new_debtor)s: becomes a debtor") % {"new_debtor": new_debtor}
        if new_debtor
        else _("every buyer")
    )
    current = None if new_debtor else limits.current_limit(debtor=debtor, supplier=supplier, currency=currency)
    return [
        (_("Buyer"), buyer_text),
        (_("Supplier"), link(supplier) if supplier else _("every supplier")),
        (
            _("Limit in force"),
            amount_text(current.amount, current.currency) if current else _("none: the limit of the terms applies"),
        ),
    ]


def _terms(approval: Approval) -> Facts:
    terms = terms_in_force.from_text(given=approval.arguments)
    before = previous_version(terms=terms)
    changes = changed_values(before=before, after=terms)
    return [
        (_("For"), link(terms.supplier) if terms.supplier else _("every supplier without terms of its own")),
        (_("In force from"), day_text(terms.valid_from)),
        (_("Replaces"), str(before) if before else _("no terms yet")),
        *(
            (name, format_html("{} → {}", old, new))
            for name, old, new in changed_rows(changes, currency=terms.currency)
        ),
    ]


def _offer(approval: Approval) -> Facts:
    """The request, and what of its offer differs from the terms in force."""
    request = FinancingRequest.objects.select_related("supplier").get(pk=approval.arguments["request"])
    deal = Deal.from_text(approval.arguments["deal"])
    facts: list[tuple[str, object]] = [
        (_("Request"), link(request)),
        (_("Supplier"), link(request.supplier)),
        (_("Why this deal differs"), deal.reason),
    ]
    replaced = FundingTerms.objects.filter(pk=deal.replaces).first()
    if replaced is None:
        return facts
    changed = {
        name: [str(getattr(replaced, name)), str(value)]
        for name, value in deal.terms.items()
        if value != getattr(replaced, name)
    }
    shown = changed_rows(changed, currency=approval.currency)
    return [*facts, *((name, format_html("{} → {}", old, new)) for name, old, new in shown)]


def _override(approval: Approval) -> Facts:
    given = approval.arguments
    invoice = Invoice.objects.select_related("supplier", "buyer").filter(pk=given.get("invoice")).first()
    buyer = Buyer.objects.select_related("supplier").filter(pk=given.get("buyer")).first()
    return [(_("Rule"), explanations.staff_title(given["rule"])), *override_facts(invoice=invoice, buyer=buyer)]


def override_facts(*, invoice: Invoice | None, buyer: Buyer | None) -> Facts:
    """The invoice or the buyer for which a rule is overridden."""
    if invoice is not None:
        return [
            (_("Invoice"), link(invoice)),
            (_("Supplier"), link(invoice.supplier)),
            (_("Buyer"), str(invoice.buyer or invoice.company_name or "-")),
            (_("Open balance"), amount_text(invoice.balance, invoice.currency)),
            (_("Issued"), day_text(invoice.txn_date)),
            (_("Due"), day_text(invoice.payable_date)),
        ]
    if buyer is None:
        return []
    return [(_("Buyer"), link(buyer)), (_("Supplier"), link(buyer.supplier)), (_("Applies to"), _("all its invoices"))]


def _requirement(approval: Approval) -> Facts:
    """The check, and what approval of a supplier would be without it."""
    item = ITEMS[CheckKind(approval.arguments["kind"])]
    return [
        (_("Check"), item.kind.label),
        (_("What is checked"), item.task),
        (_("Afterwards"), _("Suppliers are approved without it, and are not stopped where it lapses.")),
    ]


def _closed_month(approval: Approval) -> Facts:
    """The month, who closed it, and what was said of what was not in order."""
    closing = PeriodClosing.objects.filter(
        month=date.fromisoformat(approval.arguments["month"]), reopened_at=None
    ).first()
    if closing is None:
        return [(_("Month"), _("It is open already."))]
    return [
        (_("Month"), link(closing)),
        (_("Closed by"), f"{closing.closed_by}, {moment_text(closing.closed_at)}"),
        (_("Reopening"), _("Everything may be posted into it again, until it is closed again.")),
    ]


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
    K.OFFER: _offer,
    K.TERMS: _terms,
    K.OVERRIDE: _override,
    K.CHECK: _requirement,
    K.REOPEN: _closed_month,
}
