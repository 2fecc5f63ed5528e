"""Records of the rules about the invoice itself: its balance, its dates, its confirmation by the buyer."""

from infactor.financing.eligibility.catalogue.codes import Outcome, Rule, Stage, Unit
from infactor.financing.eligibility.catalogue.record import RuleRecord

PASS, FAIL, UNKNOWN, NEEDS_ACTION = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NEEDS_ACTION
WAIT_FOR_DATE = "Nothing to do: its own date comes in {actual}."

RECORDS = (
    RuleRecord(
        rule=Rule.OPEN_BALANCE,
        stage=Stage.INVOICE,
        title="Open balance",
        unit=Unit.AMOUNT,
        short_reasons={
            "": "nothing to buy",
            "paid": "paid",
            "partly_paid": "partly paid",
            "voided": "voided",
            "deleted": "deleted",
        },
        sentences={
            PASS: {"": "{actual} is open."},
            FAIL: {
                "paid": "It is paid in your books.",
                "partly_paid": "A part of it is paid in your books. We buy only invoices of which nothing is paid yet.",
                "voided": "It is voided in your books.",
                "deleted": "It is deleted in your books.",
                "balance_above_amount": "Its open balance is more than its amount.",
                "unreadable": "We could not read one of its amounts in your books.",
                "draft": "It is a draft.",
            },
        },
        remedies={
            "unreadable": "Correct its amounts in your books. We notice by ourselves.",
            "balance_above_amount": "Correct its amounts in your books. We notice by ourselves.",
            "draft": "Submit it.",
        },
    ),
    RuleRecord(
        rule=Rule.IN_FINANCING,
        stage=Stage.INVOICE,
        title="Not financed yet",
        short_reasons={"": "in financing already"},
        sentences={
            PASS: {"": "It is not in financing yet."},
            FAIL: {
                "": "It is in financing already.",
                "ifactor_request": "You have already requested financing for it.",
                "ifactor_proposed": "An offer for it waits for your answer.",
                "ifactor_proposal_accepted": "You have accepted an offer for it.",
                "ifactor_prepaid": "It is funded already.",
                "invoice_paid": "It was funded, and your buyer has paid.",
                "completed": "It was financed and is completed.",
            },
        },
        remedies={"ifactor_proposed": "Accept the offer."},
    ),
    RuleRecord(
        rule=Rule.DISPUTED,
        stage=Stage.INVOICE,
        title="Not disputed",
        short_reasons={"": "your buyer disputes it"},
        sentences={
            PASS: {"": "Your buyer does not dispute it."},
            FAIL: {"": "Your buyer says that something is wrong with it."},
        },
        remedies={
            "": "Settle the dispute with your buyer, then submit the invoice again.",
            "confirm_again": "Settle the dispute with your buyer, then ask them to confirm the invoice.",
        },
    ),
    RuleRecord(
        rule=Rule.BUYER_NAMED,
        stage=Stage.INVOICE,
        title="Buyer named",
        short_reasons={"": "no buyer", "inactive": "inactive customer", "parent_unknown": "parent customer not known"},
        sentences={
            PASS: {"": "The buyer is named."},
            FAIL: {
                "": "It names no buyer.",
                "inactive": "Its customer is inactive in your books: deleted, or merged with another one.",
                "parent_unknown": "Its customer is a sub-customer, and your books do not tell us of which customer.",
            },
        },
        remedies={
            "": "Choose a customer for it in your books. We notice by ourselves.",
            "inactive": "Make the customer active in your books, or choose another one. We notice by ourselves.",
            "parent_unknown": "Choose the parent of this sub-customer in your books. We notice by ourselves.",
        },
    ),
    RuleRecord(
        rule=Rule.BUYER_EMAIL,
        stage=Stage.INVOICE,
        title="Buyer's e-mail",
        short_reasons={"": "no e-mail of the buyer"},
        sentences={
            PASS: {"": "The buyer's e-mail address is known."},
            FAIL: {
                "": "The buyer's e-mail address is missing.",
                "unusable": "No mail can be sent to the buyer's e-mail address.",
            },
        },
        remedies={
            "": "Add the buyer's e-mail address in your books. We notice by ourselves.",
            "unusable": "Correct the buyer's e-mail address in your books. We notice by ourselves.",
        },
    ),
    RuleRecord(
        rule=Rule.DUE_DATE,
        stage=Stage.INVOICE,
        title="Due date",
        short_reasons={"": "no due date"},
        sentences={PASS: {"": "It has a due date."}, FAIL: {"": "It has no due date."}},
        remedies={"": "Add a due date in your books. We notice by ourselves."},
    ),
    RuleRecord(
        rule=Rule.CURRENCY,
        stage=Stage.TERMS,
        title="Currency",
        short_reasons={"": "not in this currency"},
        sentences={
            PASS: {"": "We finance invoices in {currency}."},
            FAIL: {"": "We do not finance invoices in {currency} yet.", "no_currency": "It has no currency."},
        },
    ),
    RuleRecord(
        rule=Rule.MINIMUM_AMOUNT,
        stage=Stage.TERMS,
        title="Minimum amount",
        unit=Unit.AMOUNT,
        may_be_overridden=True,
        short_reasons={"": "too small"},
        sentences={
            PASS: {"": "{actual} is open. We finance {limit} or more."},
            FAIL: {
                "": "{actual} is open. We finance {limit} or more.",
                "after_tax": "{actual} is left after sales tax. We finance {limit} or more.",
                "after_not_confirmed": "{actual} is left of what your buyer confirmed. We finance {limit} or more.",
            },
        },
    ),
    RuleRecord(
        rule=Rule.AGE_AT_PURCHASE,
        stage=Stage.TERMS,
        title="Age at purchase",
        unit=Unit.DAYS,
        may_be_overridden=True,
        short_reasons={"": "too old", "future_date": "dated ahead"},
        sentences={
            PASS: {"": "{actual} old. We buy invoices up to {limit} old."},
            FAIL: {
                "": "{actual} old. We buy invoices up to {limit} old.",
                "no_date": "It has no invoice date.",
                "future_date": "It is dated {actual} ahead. We buy invoices from their own date on.",
            },
        },
        remedies={"no_date": "Add its date in your books. We notice by ourselves.", "future_date": WAIT_FOR_DATE},
    ),
    RuleRecord(
        rule=Rule.AGE,
        stage=Stage.TERMS,
        title="Age",
        unit=Unit.DAYS,
        short_reasons={"": "too old", "future_date": "dated ahead"},
        sentences={
            PASS: {"": "{actual} old. An invoice counts up to {limit}."},
            FAIL: {
                "": "{actual} old. An invoice older than {limit} cannot be financed.",
                "no_date": "It has no invoice date.",
                "future_date": "It is dated {actual} ahead.",
            },
        },
        remedies={"no_date": "Add its date in your books. We notice by ourselves.", "future_date": WAIT_FOR_DATE},
    ),
    RuleRecord(
        rule=Rule.PAYMENT_TERMS,
        stage=Stage.TERMS,
        title="Payment terms",
        unit=Unit.DAYS,
        may_be_overridden=True,
        short_reasons={"": "due too late"},
        sentences={
            PASS: {"": "Payable within {actual}. We buy invoices payable within {limit}."},
            FAIL: {
                "": "Payable within {actual}. We buy invoices payable within {limit}.",
                "due_before_issue": "It is due before its own date.",
            },
            UNKNOWN: {"": "Not known without both dates."},
        },
        remedies={"due_before_issue": "Correct its dates in your books. We notice by ourselves."},
    ),
    RuleRecord(
        rule=Rule.DAYS_TO_DUE,
        stage=Stage.TERMS,
        title="Days to due date",
        unit=Unit.DAYS,
        may_be_overridden=True,
        short_reasons={"": "due too soon", "overdue": "overdue"},
        sentences={
            PASS: {"": "Due in {actual}. We buy invoices due in {limit} or more."},
            FAIL: {
                "": "Due in {actual}. We buy invoices due in {limit} or more.",
                "today": "Due today. We buy invoices due in {limit} or more.",
                "overdue": "Overdue for {actual}. We buy invoices due in {limit} or more.",
            },
            UNKNOWN: {"": "Not known without a due date."},
        },
    ),
    RuleRecord(
        rule=Rule.VERIFICATION,
        stage=Stage.TERMS,
        title="Confirmed by the buyer",
        may_be_overridden=True,
        short_reasons={"": "not confirmed"},
        action_label="After your buyer confirms",
        sentences={
            PASS: {
                "confirmed": "Your buyer has confirmed it.",
                "in_part": "Your buyer has confirmed a part of it.",
                "not_required": "Your buyer does not have to confirm it.",
            },
            NEEDS_ACTION: {
                "first_invoice": "It would be the first invoice of this buyer, so the buyer confirms it first.",
                "large": "It is a large invoice, so the buyer confirms it first.",
                "random_sample": "The buyer confirms it first: we pick some invoices at random, and this is one.",
                "changed": "It was changed after your buyer confirmed it, so the buyer confirms it again.",
                "disputed": "Your buyer disputed it before, so the buyer confirms it now.",
                "waiting": "We wait for your buyer's answer.",
            },
        },
        remedies={
            "": "Ask your buyer to confirm it.",
            "waiting": "Nothing to do: we let you know when your buyer has answered.",
        },
    ),
    RuleRecord(
        rule=Rule.DUPLICATE,
        stage=Stage.TERMS,
        title="No duplicate",
        may_be_overridden=True,
        short_reasons={"": "under review"},
        sentences={
            PASS: {"": "We know it only once."},
            FAIL: {"": "Our staff review it before it can be financed."},
        },
        remedies={"": "Nothing to do. Write to us if it is urgent."},
    ),
)
