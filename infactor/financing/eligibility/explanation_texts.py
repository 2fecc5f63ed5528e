"""The sentences of the rules, as suppliers read them: by answer and variant, and what would cure what fails.

Nothing here tells of other suppliers: a limit over the whole house and a lateness elsewhere have no numbers.
"""

from infactor.financing.eligibility.rules.catalogue import Rule

SENTENCES: dict[Rule, dict[str, str]] = {
    Rule.OPEN_BALANCE: {
        "pass": "{found} is open.",
        "fail paid": "It is paid in your books.",
        "fail partly_paid": "A part of it is paid in your books; we buy invoices of which nothing is paid yet.",
        "fail voided": "It is voided in your books.",
        "fail deleted": "It is deleted in your books.",
        "fail more_than_all": "More of it is open than its whole amount.",
        "fail unreadable": "One of its amounts could not be read in your books.",
        "fail draft": "It is a draft.",
    },
    Rule.IN_FINANCING: {
        "pass": "It is not in financing yet.",
        "fail": "It is in financing already.",
        "fail ifactor_request": "You have asked for financing of it already.",
        "fail ifactor_proposed": "There is an offer for it that waits for your answer.",
        "fail ifactor_proposal_accepted": "You have accepted an offer for it.",
        "fail ifactor_prepaid": "It is funded already.",
        "fail invoice_paid": "It was funded, and your buyer has paid.",
        "fail completed": "It was financed, and is completed.",
    },
    Rule.DISPUTED: {
        "pass": "Your buyer does not dispute it.",
        "fail": "Your buyer says that something is wrong with it.",
    },
    Rule.BUYER_NAMED: {"pass": "The buyer is named.", "fail": "It names no buyer."},
    Rule.BUYER_EMAIL: {
        "pass": "The buyer's e-mail address is known.",
        "fail": "The buyer's e-mail address is missing.",
    },
    Rule.DUE_DATE: {"pass": "It has a due date.", "fail": "It has no due date."},
    Rule.BUSINESS_BUYER: {
        "pass": "The buyer is a business.",
        "fail": "We finance invoices to businesses, and your books have no company name for this buyer.",
        "unknown": "Not known without a buyer.",
    },
    Rule.CURRENCY: {
        "pass": "We finance invoices in {why}.",
        "fail": "We do not finance invoices in {why} yet.",
        "fail ": "It has no currency.",
    },
    Rule.MINIMUM_AMOUNT: {
        "pass": "{found} is open; we finance {bound} or more.",
        "fail": "{found} is open; we finance {bound} or more.",
        "fail after_tax": "{found} is left after sales tax; we finance {bound} or more.",
        "fail after_not_confirmed": "{found} is left of what your buyer confirmed; we finance {bound} or more.",
    },
    Rule.AGE_TO_BUY: {
        "pass": "{found} old; we buy invoices up to {bound} old.",
        "fail": "{found} old; we buy invoices up to {bound} old.",
        "fail no_date": "It has no invoice date.",
        "fail not_yet": "It is dated {found} ahead; we buy invoices from their own date on.",
    },
    Rule.AGE: {
        "pass": "{found} old; up to {bound} an invoice counts.",
        "fail": "{found} old; an invoice older than {bound} cannot be financed.",
        "fail no_date": "It has no invoice date.",
        "fail not_yet": "It is dated {found} ahead.",
    },
    Rule.PAYMENT_TERMS: {
        "pass": "Payable within {found}; we buy invoices payable within {bound}.",
        "fail": "Payable within {found}; we buy invoices payable within {bound}.",
        "fail due_before_issue": "It is due before its own date.",
        "unknown": "Not known without both dates.",
    },
    Rule.DAYS_TO_DUE: {
        "pass": "Due in {found}; we buy invoices due in {bound} or more.",
        "fail": "Due in {found}; we buy invoices due in {bound} or more.",
        "fail today": "Due today; we buy invoices due in {bound} or more.",
        "fail overdue": "Overdue for {found}; we buy invoices due in {bound} or more.",
        "unknown": "Not known without a due date.",
    },
    Rule.VERIFICATION: {
        "pass confirmed": "Your buyer has confirmed it.",
        "pass in_part": "Your buyer has confirmed a part of it.",
        "pass not_asked": "Your buyer does not have to confirm it.",
        "todo first": "It would be the first of this buyer, so the buyer confirms it first.",
        "todo large": "It is a large one, so the buyer confirms it first.",
        "todo drawn": "Some invoices are picked at random to be confirmed by the buyer first; this is one.",
        "todo changed": "It was changed after your buyer confirmed it, so the buyer confirms it once more.",
        "todo disputed": "Your buyer disputed it before, so the buyer confirms it now.",
        "todo waiting": "We wait for your buyer's answer.",
    },
    Rule.DUPLICATE: {
        "pass": "We know it only once.",
        "fail": "It needs a look by our staff before it can be financed.",
    },
    Rule.HISTORY: {
        "pass": "{found} of this buyer; we need {bound} or more.",
        "fail": "{found} of this buyer; we need {bound} or more.",
        "unknown": "Not known without a buyer.",
    },
    Rule.CROSS_AGING: {
        "pass": "{found} of what this buyer owes you is too old; below {bound} is fine.",
        "pass elsewhere": "What this buyer owes is not too old.",
        "fail": "{found} of what this buyer owes you is too old; from {bound} on we buy none of its invoices.",
        "fail elsewhere": "Too much of what this buyer owes is too old, so we buy none of its invoices now.",
        "unknown": "Not known without a buyer.",
    },
    Rule.DILUTION: {
        "pass": "{found} of what you invoiced this buyer lately was credited; below {bound} is fine.",
        "warn": "{found} of what you invoiced this buyer lately was credited; below {bound} is fine, but it is much.",
        "fail": "{found} of what you invoiced this buyer lately was credited; from {bound} on we buy none of it.",
        "unknown": "Not known without a buyer.",
    },
    Rule.CONTRA: {"unknown": "Not known: we do not read from your books what you owe."},
    Rule.CREDITS: {
        "pass": "Open credits of this buyer: {found}.",
        "fail": "Too little is left of it after this buyer's open credits of {found}.",
    },
    Rule.BUYER_LIMIT: {
        "pass": "Within what we finance for this buyer.",
        "pass cut": "A part of it is over what we finance for this buyer now.",
        "fail": "What we finance for this buyer is used up.",
    },
    Rule.PAIR_LIMIT: {
        "pass": "{found} of your {bound} for this buyer are in use.",
        "fail": "Your {bound} for this buyer are used up.",
    },
    Rule.SUPPLIER_LIMIT: {
        "pass": "{found} of your {bound} are in use.",
        "fail": "Your {bound} are used up.",
    },
    Rule.CONCENTRATION: {
        "pass": "At most {bound} can be financed with one buyer now: a share of all that you could finance.",
        "pass unmeasured": "Not measured: something else keeps this invoice out.",
        "pass only_buyer": "You have only this buyer now, so its limit counts instead.",
        "fail": "At most {bound} can be financed with one buyer now, and your other invoices of this buyer use it up.",
    },
    Rule.FRESHNESS: {
        "pass": "Your books are up to date.",
        "warn": "Your books were last read on {moment}.",
        "fail": "Your books have not been read completely yet.",
    },
}

IN_BOOKS = " in your books: we notice by ourselves."
ASK = "Ask your buyer to confirm it."
WAIT = "Nothing to do: its own date comes in {found}."
ROOM = "There is room when {names} {are} paid."
CURES: dict[Rule, dict[str, str]] = {
    Rule.OPEN_BALANCE: {
        "unreadable": "Correct its amounts" + IN_BOOKS,
        "more_than_all": "Correct its amounts" + IN_BOOKS,
        "draft": "Submit it.",
    },
    Rule.IN_FINANCING: {"ifactor_proposed": "Accept the offer."},
    Rule.DISPUTED: {
        "": "Clear it up with your buyer, then submit it again.",
        "asked_again": "Clear it up with your buyer, then ask them to confirm it.",
    },
    Rule.BUYER_NAMED: {"": "Choose a customer for it" + IN_BOOKS},
    Rule.BUYER_EMAIL: {"": "Add the buyer's e-mail address" + IN_BOOKS},
    Rule.DUE_DATE: {"": "Add a due date" + IN_BOOKS},
    Rule.BUSINESS_BUYER: {"": "Add the buyer's company name" + IN_BOOKS},
    Rule.AGE_TO_BUY: {"no_date": "Add its date" + IN_BOOKS, "not_yet": WAIT},
    Rule.AGE: {"no_date": "Add its date" + IN_BOOKS, "not_yet": WAIT},
    Rule.PAYMENT_TERMS: {"due_before_issue": "Correct its dates" + IN_BOOKS},
    Rule.VERIFICATION: {"": ASK, "waiting": "Nothing to do: we tell you when your buyer has answered."},
    Rule.DUPLICATE: {"": "Nothing to do: write to us if it is urgent."},
    Rule.HISTORY: {"": "It takes {missing} more of this buyer, or our approval: write to us."},
    Rule.CROSS_AGING: {"": "Eligible when {names} {are} paid.", "nobody": "It takes payments of this buyer."},
    Rule.DILUTION: {"": "It passes with time, or with our approval: write to us."},
    Rule.CREDITS: {"": "Apply this buyer's credits" + IN_BOOKS},
    Rule.BUYER_LIMIT: {"": ROOM, "nobody": "Write to us for a higher limit."},
    Rule.PAIR_LIMIT: {"": ROOM, "nobody": "Write to us for a higher limit."},
    Rule.SUPPLIER_LIMIT: {"": ROOM, "nobody": "Write to us for a higher limit."},
    Rule.CONCENTRATION: {"": "It grows with the eligible invoices of your other buyers."},
    Rule.FRESHNESS: {"never_read": "Nothing to do: the first reading is under way or waits for your connection."},
}
