"""Records of the rules about the invoice itself: its balance, its documents, its confirmation by the buyer."""

from django.utils.translation import gettext_lazy as _

from infactor.financing.eligibility.catalogue.codes import Outcome, Rule, Stage, Unit
from infactor.financing.eligibility.catalogue.record import RuleRecord

PASS, FAIL, NEEDS_ACTION = Outcome.PASS, Outcome.FAIL, Outcome.NEEDS_ACTION

_AMOUNTS = _("Edit the invoice and correct its amounts.")

RECORDS = (
    RuleRecord(
        rule=Rule.OPEN_BALANCE,
        stage=Stage.INVOICE,
        title=_("Open balance"),
        unit=Unit.AMOUNT,
        short_reasons={
            "": _("nothing to buy"),
            "paid": _("paid"),
            "partly_paid": _("partly paid"),
            "voided": _("voided"),
            "deleted": _("deleted"),
        },
        sentences={
            PASS: {"": _("{actual} is open.")},
            FAIL: {
                "paid": _("It is paid in your books."),
                "partly_paid": _(
                    "A part of it is paid in your books. We buy only invoices of which nothing is paid yet."
                ),
                "voided": _("It is voided in your books."),
                "deleted": _("It is deleted in your books."),
                "balance_above_amount": _("Its open balance is more than its amount."),
                "unreadable": _("We could not read one of its amounts in your books."),
                "draft": _("It is a draft."),
            },
        },
        remedies_by_hand={"unreadable": _AMOUNTS, "balance_above_amount": _AMOUNTS},
        remedies={
            "unreadable": _("Correct its amounts in your books. We pick it up automatically."),
            "balance_above_amount": _("Correct its amounts in your books. We pick it up automatically."),
            "draft": _("Submit it."),
        },
    ),
    RuleRecord(
        rule=Rule.IN_FINANCING,
        stage=Stage.INVOICE,
        title=_("Not financed yet"),
        short_reasons={"": _("in financing already")},
        sentences={
            PASS: {"": _("It is not in financing yet.")},
            FAIL: {
                "": _("It is in financing already."),
                "ifactor_request": _("You have already requested financing for it."),
                "ifactor_proposed": _("An offer for it is ready for your decision."),
                "ifactor_proposal_accepted": _("You have accepted an offer for it."),
                "ifactor_prepaid": _("It is funded already."),
                "invoice_paid": _("It was funded, and your buyer has paid."),
                "completed": _("It was financed and is completed."),
            },
        },
        remedies={"ifactor_proposed": _("Accept the offer.")},
    ),
    RuleRecord(
        rule=Rule.DISPUTED,
        stage=Stage.INVOICE,
        title=_("Not disputed"),
        short_reasons={"": _("your buyer disputes it")},
        sentences={
            PASS: {"": _("Your buyer does not dispute it.")},
            FAIL: {"": _("Your buyer disputed it.")},
        },
        remedies={
            "": _("Resolve it with your buyer, then resubmit the invoice."),
            "confirm_again": _("Resolve it with your buyer, then ask them to confirm the invoice."),
        },
    ),
    RuleRecord(
        rule=Rule.BUYER_NAMED,
        stage=Stage.INVOICE,
        title=_("Buyer named"),
        short_reasons={
            "": _("no buyer"),
            "inactive": _("inactive customer"),
            "parent_unknown": _("parent customer not known"),
        },
        sentences={
            PASS: {"": _("The buyer is named.")},
            FAIL: {
                "": _("It names no buyer."),
                "inactive": _("Its customer is inactive in your books: deleted, or merged with another one."),
                "parent_unknown": _("Its customer is a sub-customer, and your books do not tell us of which customer."),
            },
        },
        remedies_by_hand={"": _("Edit the invoice and enter its buyer.")},
        remedies={
            "": _("Choose a customer for it in your books. We pick it up automatically."),
            "inactive": _(
                "Make the customer active in your books, or choose another one. We pick it up automatically."
            ),
            "parent_unknown": _("Choose the parent of this sub-customer in your books. We pick it up automatically."),
        },
    ),
    RuleRecord(
        rule=Rule.BUYER_EMAIL,
        stage=Stage.INVOICE,
        title=_("Buyer's email"),
        short_reasons={"": _("buyer has no email")},
        sentences={
            PASS: {"": _("The buyer's email address is known.")},
            FAIL: {
                "": _("The buyer's email address is missing."),
                "unusable": _("No mail can be sent to the buyer's email address."),
            },
        },
        remedies_by_hand={
            "": _("Edit the invoice and add the buyer's email address."),
            "unusable": _("Edit the invoice and correct the buyer's email address."),
        },
        remedies={
            "": _("Add the buyer's email address in your books. We pick it up automatically."),
            "unusable": _("Correct the buyer's email address in your books. We pick it up automatically."),
        },
    ),
    RuleRecord(
        rule=Rule.DUE_DATE,
        stage=Stage.INVOICE,
        title=_("Due date"),
        short_reasons={"": _("no due date")},
        sentences={PASS: {"": _("It has a due date.")}, FAIL: {"": _("It has no due date.")}},
        remedies_by_hand={"": _("Edit the invoice and add a due date.")},
        remedies={"": _("Add a due date in your books. We pick it up automatically.")},
    ),
    RuleRecord(
        rule=Rule.CURRENCY,
        stage=Stage.TERMS,
        title=_("Currency"),
        short_reasons={"": _("not in this currency")},
        sentences={
            PASS: {"": _("We finance invoices in {currency}.")},
            FAIL: {"": _("We do not finance invoices in {currency} yet."), "no_currency": _("It has no currency.")},
        },
    ),
    RuleRecord(
        rule=Rule.MINIMUM_AMOUNT,
        stage=Stage.TERMS,
        title=_("Minimum amount"),
        unit=Unit.AMOUNT,
        may_be_overridden=True,
        short_reasons={"": _("below minimum")},
        sentences={
            PASS: {"": _("{actual} is open. We finance {limit} or more.")},
            FAIL: {
                "": _("{actual} is open. We finance {limit} or more."),
                "after_tax": _("{actual} is left after sales tax. We finance {limit} or more."),
                "after_not_confirmed": _("{actual} is left of what your buyer confirmed. We finance {limit} or more."),
            },
        },
    ),
    RuleRecord(
        rule=Rule.DOCUMENTS,
        stage=Stage.TERMS,
        title=_("Documents"),
        staff_title=_("Documents of an invoice entered by hand"),
        may_be_overridden=True,
        short_reasons={"": _("documents missing")},
        action_label=_("After you upload documents"),
        sentences={
            PASS: {
                "": _("You entered it by hand, and its documents are here."),
                "imported": _("It comes from your books, so it needs no documents."),
            },
            NEEDS_ACTION: {
                "no_documents": _(
                    "You entered it by hand, so we need the invoice, and a purchase order or proof of delivery."
                ),
                "no_invoice": _("You entered it by hand, and the invoice itself is missing."),
                "no_proof": _("You entered it by hand, and a purchase order or proof of delivery is missing."),
            },
        },
        remedies={"": _("Upload the documents on the page of the invoice.")},
    ),
    RuleRecord(
        rule=Rule.VERIFICATION,
        stage=Stage.TERMS,
        title=_("Confirmed by the buyer"),
        may_be_overridden=True,
        short_reasons={"": _("not confirmed")},
        action_label=_("After your buyer confirms"),
        sentences={
            PASS: {
                "confirmed": _("Your buyer has confirmed it."),
                "in_part": _("Your buyer has confirmed a part of it."),
                "not_required": _("Your buyer does not have to confirm it."),
            },
            NEEDS_ACTION: {
                "first_invoice": _("This is your first invoice with this buyer, so they need to confirm it."),
                "by_hand": _("You entered it by hand, so your buyer needs to confirm it."),
                "large": _("It is a large invoice, so your buyer needs to confirm it."),
                "random_sample": _("We pick some invoices at random, and your buyer needs to confirm this one."),
                "changed": _("It was changed after your buyer confirmed it, so they need to confirm it again."),
                "disputed": _("Your buyer disputed it before, so they need to confirm it now."),
                "waiting": _("We are waiting for your buyer's answer."),
            },
        },
        remedies={
            "": _("Ask your buyer to confirm it."),
            "waiting": _("There is nothing to do: we will tell you when your buyer answers."),
        },
    ),
    RuleRecord(
        rule=Rule.DUPLICATE,
        stage=Stage.TERMS,
        title=_("No duplicate"),
        may_be_overridden=True,
        short_reasons={"": _("under review")},
        sentences={
            PASS: {"": _("We know it only once.")},
            FAIL: {"": _("Our staff review it before it can be financed.")},
        },
        remedies={"": _("Nothing to do. Write to us if it is urgent.")},
    ),
)
