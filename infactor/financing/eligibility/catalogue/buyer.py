"""Records of the rules about a buyer as a whole."""

from infactor.financing.eligibility.catalogue.codes import Outcome, Rule, Stage, Unit
from infactor.financing.eligibility.catalogue.record import RuleRecord

PASS, WARN, FAIL, UNKNOWN = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN
WITHOUT_BUYER = {"": "Not known without a buyer."}

RECORDS = (
    RuleRecord(
        rule=Rule.DEBTOR_MARK,
        stage=Stage.BUYER,
        title="This buyer",
        staff_title="Mark of the debtor",
        short_reasons={"": "we do not buy this buyer's invoices", "bankrupt": "the buyer is insolvent"},
        sentences={
            PASS: {"": "We buy invoices to this buyer."},
            WARN: {"": "We look at this buyer more closely at present."},
            FAIL: {
                "": "We do not buy invoices to this buyer at present.",
                "bankrupt": "We do not buy invoices to this buyer, because it is insolvent as far as we know.",
            },
            UNKNOWN: WITHOUT_BUYER,
        },
    ),
    RuleRecord(
        rule=Rule.BUYER_DISPUTE,
        stage=Stage.BUYER,
        title="Disputes of this buyer",
        staff_title="Buyer in dispute and past due",
        may_be_overridden=True,
        short_reasons={"": "buyer in dispute and past due"},
        sentences={
            PASS: {"": "The buyer disputes no invoice that is past due."},
            FAIL: {"": "The buyer disputes an invoice that is past due, so we buy none of its other invoices."},
            UNKNOWN: WITHOUT_BUYER,
        },
        remedies={"": "Eligible when the dispute about {invoices} is resolved."},
        remedy_without_invoices="It takes the end of the dispute.",
    ),
    RuleRecord(
        rule=Rule.BUSINESS_BUYER,
        stage=Stage.BUYER,
        title="Business buyer",
        may_be_overridden=True,
        short_reasons={"": "not a business"},
        sentences={
            PASS: {"": "The buyer is a business."},
            FAIL: {"": "We finance invoices to businesses, and your books have no company name for this buyer."},
            UNKNOWN: WITHOUT_BUYER,
        },
        remedies={"": "Add the buyer's company name in your books. We notice by ourselves."},
    ),
    RuleRecord(
        rule=Rule.PAYMENT_HISTORY,
        stage=Stage.BUYER,
        title="Buyer's payment history",
        unit=Unit.PAID_INVOICES,
        may_be_overridden=True,
        short_reasons={"": "new buyer"},
        sentences={
            PASS: {"": "{actual} of this buyer. We need {limit} or more."},
            FAIL: {"": "{actual} of this buyer. We need {limit} or more."},
            UNKNOWN: WITHOUT_BUYER,
        },
        remedies={"": "It takes {missing} more of this buyer, or our approval: write to us."},
    ),
    RuleRecord(
        rule=Rule.CROSS_AGING,
        stage=Stage.BUYER,
        title="Buyer's late balance",
        staff_title="Cross-aging",
        unit=Unit.PERCENT,
        may_be_overridden=True,
        short_reasons={"": "buyer pays late"},
        sentences={
            PASS: {
                "": "{actual} of what this buyer owes you is late. The limit is {limit}.",
                "elsewhere": "Not too much of what this buyer owes is late.",
            },
            FAIL: {
                "": "{actual} of what this buyer owes you is late. From {limit} on we buy none of its invoices.",
                "elsewhere": "Too much of what this buyer owes is late, so we buy none of its invoices now.",
            },
            UNKNOWN: WITHOUT_BUYER,
        },
        remedies={"": "Eligible when {invoices} {are} paid."},
        remedy_without_invoices="It takes payments of this buyer.",
    ),
    RuleRecord(
        rule=Rule.DILUTION,
        stage=Stage.BUYER,
        title="Buyer's credit memos",
        staff_title="Dilution",
        unit=Unit.PERCENT,
        may_be_overridden=True,
        short_reasons={"": "too many credits"},
        sentences={
            PASS: {"": "You credited {actual} of what you invoiced this buyer lately. The limit is {limit}."},
            WARN: {"": "You credited {actual} of what you invoiced this buyer lately: much, but below {limit}."},
            FAIL: {"": "You credited {actual} of what you invoiced this buyer lately. From {limit} on we buy nothing."},
            UNKNOWN: WITHOUT_BUYER,
        },
        remedies={"": "It passes with time, or with our approval: write to us."},
    ),
)
