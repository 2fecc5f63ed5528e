"""Records of the rules that take a part of the balance off: contra, credits, limits, concentration."""

from infactor.financing.eligibility.catalogue.codes import Outcome, Rule, Stage, Unit
from infactor.financing.eligibility.catalogue.record import RuleRecord

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
PAY_FIRST = {"": "More becomes available when {invoices} {are} paid."}
ASK_FOR_MORE = "Write to us for a higher limit."

RECORDS = (
    RuleRecord(
        rule=Rule.CONTRA,
        stage=Stage.REDUCTION,
        title="What you owe the buyer",
        staff_title="Contra: what the supplier owes the buyer",
        unit=Unit.AMOUNT,
        deduction_label="What you owe the buyer",
        short_reasons={"": "you owe the buyer"},
        sentences={
            PASS: {
                "": "You owe this buyer nothing by your bills.",
                "owed": "By your bills you owe this buyer {actual}, which is taken off what is due first.",
                "reduced": "By your bills you owe this buyer {actual}, which it may set off against this invoice.",
            },
            FAIL: {"": "Too little is left of it after {actual} that you owe this buyer by your bills."},
            UNKNOWN: {
                "": "Not known: your vendors and bills have not been read lately. They are read after your invoices, "
                "where your QuickBooks has bills."
            },
        },
        remedies={"": "Pay what you owe this buyer, and record it in your books. We notice by ourselves."},
    ),
    RuleRecord(
        rule=Rule.CREDITS,
        stage=Stage.REDUCTION,
        title="Credits and payments not applied yet",
        staff_title="Open credits",
        unit=Unit.AMOUNT,
        deduction_label="Buyer's credits and payments not applied yet",
        short_reasons={"": "credits or payments not applied"},
        sentences={
            PASS: {"": "Credits and payments of this buyer that your books apply to no invoice yet: {actual}."},
            FAIL: {
                "": "Too little is left of it after {actual} of this buyer's credits and payments that your books "
                "apply to no invoice yet."
            },
        },
        remedies={"": "Apply this buyer's credits and payments in your books. We notice by ourselves."},
    ),
    RuleRecord(
        rule=Rule.BUYER_LIMIT,
        stage=Stage.REDUCTION,
        title="Buyer's limit",
        staff_title="Buyer's limit over all suppliers",
        unit=Unit.AMOUNT,
        may_be_overridden=True,
        deduction_label="Over the buyer's limit",
        short_reasons={"": "buyer's limit"},
        # The limit counts over all suppliers: its numbers would tell of their business with this buyer.
        sentences={
            PASS: {
                "": "Within what we finance for this buyer.",
                "reduced": "A part of it is over what we finance for this buyer now.",
            },
            FAIL: {"": "What we finance for this buyer is used up."},
        },
        remedies=PAY_FIRST,
        remedy_without_invoices=ASK_FOR_MORE,
    ),
    RuleRecord(
        rule=Rule.PAIR_LIMIT,
        stage=Stage.REDUCTION,
        title="Your limit for this buyer",
        staff_title="Limit of supplier and buyer",
        unit=Unit.AMOUNT,
        may_be_overridden=True,
        deduction_label="Over your limit for this buyer",
        short_reasons={"": "limit for this buyer"},
        sentences={
            PASS: {"": "{actual} of your {limit} for this buyer are in use."},
            FAIL: {"": "Your {limit} for this buyer are used up."},
        },
        remedies=PAY_FIRST,
        remedy_without_invoices=ASK_FOR_MORE,
    ),
    RuleRecord(
        rule=Rule.SUPPLIER_LIMIT,
        stage=Stage.REDUCTION,
        title="Your limit",
        staff_title="Supplier's limit over all buyers",
        unit=Unit.AMOUNT,
        may_be_overridden=True,
        deduction_label="Over your limit",
        short_reasons={"": "your limit"},
        sentences={
            PASS: {"": "{actual} of your {limit} are in use."},
            FAIL: {"": "Your {limit} are used up."},
        },
        remedies=PAY_FIRST,
        remedy_without_invoices=ASK_FOR_MORE,
    ),
    RuleRecord(
        rule=Rule.CONCENTRATION,
        stage=Stage.REDUCTION,
        title="Share of one buyer",
        staff_title="Concentration",
        unit=Unit.AMOUNT,
        may_be_overridden=True,
        deduction_label="Over the share of one buyer",
        short_reasons={"": "too much of one buyer"},
        sentences={
            PASS: {
                "": "We finance at most {limit} of one buyer now: a share of everything that you could finance.",
                "not_measured": "Not measured: something else makes this invoice ineligible.",
                "only_buyer": "You have only this buyer now, so its limit counts instead.",
            },
            FAIL: {"": "We finance at most {limit} of one buyer now, and your other invoices of this buyer use it up."},
        },
        remedies={"": "It grows with the eligible invoices of your other buyers."},
    ),
)
