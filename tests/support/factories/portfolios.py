"""Factories of portfolios: one business buyer that pays, one eligible invoice, and a test's changes to them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from infactor.financing.eligibility import evaluation
from infactor.financing.eligibility.catalogue import Outcome, Rule
from infactor.financing.eligibility.evaluation import Assessment
from infactor.financing.eligibility.portfolio import Portfolio
from infactor.financing.eligibility.results import RuleResult
from infactor.financing.terms import Terms
from infactor.invoices.receivables import BuyerFacts, ReceivableInvoice

TODAY = date(2026, 11, 20)
BUYER, FILE = 1, 1
PLAIN = Terms(verify_first_invoice=False, verify_threshold=Decimal(10**9), verify_sample_pct=Decimal(0))
WIDE = replace(PLAIN, buyer_limit=Decimal(10**9), pair_limit=Decimal(10**9), supplier_limit=Decimal(10**9))


def days(count: int) -> date:
    """The date that many days from today."""
    return TODAY + timedelta(days=count)


def invoice(pk: int = 1, **values: Any) -> ReceivableInvoice:
    """An invoice with a balance of 1,080, of it 80 tax, ten days old and due in twenty."""
    amount = values.get("amount", values.get("balance", Decimal("1080.00")))
    usual: dict[str, Any] = {
        "id": pk,
        "public_id": UUID(int=pk),
        "number": f"INV-{pk}",
        "buyer_key": BUYER,
        "buyer_name": "Acme",
        "email": "ap@acme.example",
        "amount": amount,
        "balance": amount,
        "tax": Decimal("80.00"),
        "currency": "USD",
        "txn_date": days(-10),
        "payable_date": days(20),
        "state": "invoice_created",
        "books_status": "open",
        "company_file_id": FILE,
    }
    return ReceivableInvoice(**{**usual, **values})


def untaxed(pk: int, amount: str, **values: Any) -> ReceivableInvoice:
    """An invoice of `amount` without tax, so that its base is its face."""
    return invoice(pk, balance=Decimal(amount), tax=Decimal(0), **values)


def buyer(pk: int = BUYER, **values: Any) -> BuyerFacts:
    usual: dict[str, Any] = {
        "id": pk,
        "public_id": UUID(int=pk),
        "name": f"Buyer {pk}",
        "email": "",
        "debtor_id": None,
        "is_business": True,
        "is_active": True,
        "paid_invoices": 2,
        "last_paid": None,
    }
    return BuyerFacts(**{**usual, **values})


def portfolio(*invoices: ReceivableInvoice, buyers: Iterable[BuyerFacts] | None = None, **values: Any) -> Portfolio:
    """A portfolio of these invoices in fresh books, with one buyer for each key by default."""
    known = buyers if buyers is not None else [buyer(pk) for pk in sorted({one.buyer_key for one in invoices} - {0})]
    fresh = {FILE: RuleResult(Rule.FRESHNESS, Outcome.PASS)}
    return Portfolio(**{"invoices": invoices, "buyers": {one.id: one for one in known}, "freshness": fresh, **values})


def assess(
    *invoices: ReceivableInvoice, terms: Terms | Mapping[str, Terms] = PLAIN, as_of: date = TODAY, **values: Any
) -> dict[int, Assessment]:
    """The assessments of `invoices`, by id."""
    by_currency = {terms.currency: terms} if isinstance(terms, Terms) else dict(terms)
    return evaluation.evaluate_all(portfolio=portfolio(*invoices, **values), terms_by_currency=by_currency, as_of=as_of)


def one(
    terms: Terms = PLAIN, as_of: date = TODAY, around: Mapping[str, Any] | None = None, **values: Any
) -> Assessment:
    """The assessment of one invoice with these `values`, in a portfolio with the values `around`."""
    return assess(invoice(**values), terms=terms, as_of=as_of, **(around or {}))[1]


def result_of(assessment: Assessment, rule: Rule) -> RuleResult:
    """The result of `rule`."""
    (found,) = (one for one in assessment.results if one.rule is rule)
    return found


def failing(assessment: Assessment) -> set[Rule]:
    return {one.rule for one in assessment.results if one.outcome is Outcome.FAIL}


def bases(found: Mapping[int, Assessment]) -> list[Decimal]:
    """The base of each assessment, in order."""
    return [assessment.base for assessment in found.values()]
