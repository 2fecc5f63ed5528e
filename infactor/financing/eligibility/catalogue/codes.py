"""The codes of the eligibility rules, and the outcomes, stages and units that a rule can have."""

from enum import StrEnum


class Rule(StrEnum):
    """Stable codes: the database stores them. Rules are evaluated, and shown, in this order."""

    APPLICATION = "application"
    BOOKS_HOLD = "books_hold"
    OPEN_BALANCE = "open_balance"
    IN_FINANCING = "in_financing"
    DISPUTED = "disputed"
    BUYER_NAMED = "buyer_named"
    BUYER_EMAIL = "buyer_email"
    DUE_DATE = "due_date"
    BUSINESS_BUYER = "business_buyer"
    CURRENCY = "currency"
    MINIMUM_AMOUNT = "minimum_amount"
    AGE_AT_PURCHASE = "age_at_purchase"
    AGE = "age"
    PAYMENT_TERMS = "payment_terms"
    DAYS_TO_DUE = "days_to_due"
    DOCUMENTS = "documents"
    VERIFICATION = "verification"
    DUPLICATE = "duplicate"
    DEBTOR_MARK = "debtor_mark"
    BUYER_DISPUTE = "buyer_dispute"
    PAYMENT_HISTORY = "payment_history"
    CROSS_AGING = "cross_aging"
    DILUTION = "dilution"
    CONTRA = "contra"
    CREDITS = "credits"
    BUYER_LIMIT = "buyer_limit"
    PAIR_LIMIT = "pair_limit"
    SUPPLIER_LIMIT = "supplier_limit"
    CONCENTRATION = "concentration"
    ANNUAL_RATE = "annual_rate"
    FRESHNESS = "freshness"


class Outcome(StrEnum):
    """How a rule came out. FAIL makes an invoice ineligible, NEEDS_ACTION makes it wait for one action first."""

    PASS = "pass"  # noqa: S105  not a password
    WARN = "warn"
    UNKNOWN = "unknown"
    NEEDS_ACTION = "needs_action"
    FAIL = "fail"


class Stage(StrEnum):
    """When a rule is evaluated, and from what."""

    SUPPLIER = "supplier"  # once for the supplier as a whole
    INVOICE = "invoice"  # first, from the invoice alone: also where its currency has no terms
    TERMS = "terms"  # from the invoice and the terms of its currency
    BUYER = "buyer"  # once for a buyer and currency, shared by all of its invoices
    PRICE = "price"  # last of all, from the base that is left
    REDUCTION = "reduction"  # then, over the whole portfolio: takes a part of the balance off
    BOOKS = "books"  # once for the company file that the invoice comes from


class Unit(StrEnum):
    """The unit of the two numbers of a rule."""

    NONE = ""
    AMOUNT = "amount"
    DAYS = "days"
    PERCENT = "percent"
    PAID_INVOICES = "paid_invoices"
