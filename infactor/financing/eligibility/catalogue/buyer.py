"""Records of the rules about a buyer as a whole."""

from django.utils.translation import gettext_lazy as _

from infactor.financing.eligibility.catalogue.codes import Outcome, Rule, Stage, Unit
from infactor.financing.eligibility.catalogue.record import RuleRecord

PASS, WARN, FAIL, UNKNOWN = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN
WITHOUT_BUYER = {"": _("Not known without a buyer.")}

RECORDS = (
    RuleRecord(
        rule=Rule.DEBTOR_MARK,
        stage=Stage.BUYER,
        title=_("This buyer"),
        staff_title=_("Mark of the debtor"),
        short_reasons={"": _("we do not buy this buyer's invoices"), "bankrupt": _("the buyer is insolvent")},
        sentences={
            PASS: {"": _("We buy invoices to this buyer.")},
            WARN: {"": _("We review each invoice to this buyer more closely at the moment.")},
            FAIL: {
                "": _("We do not buy invoices to this buyer at present."),
                "bankrupt": _("We do not buy invoices to this buyer, because it is insolvent as far as we know."),
            },
            UNKNOWN: WITHOUT_BUYER,
        },
    ),
    RuleRecord(
        rule=Rule.BUYER_DISPUTE,
        stage=Stage.BUYER,
        title=_("Disputes of this buyer"),
        staff_title=_("Buyer in dispute and past due"),
        may_be_overridden=True,
        short_reasons={"": _("buyer in dispute and past due")},
        sentences={
            PASS: {"": _("The buyer disputes no invoice that is past due.")},
            FAIL: {"": _("The buyer disputes an invoice that is past due, so we buy none of its other invoices.")},
            UNKNOWN: WITHOUT_BUYER,
        },
        remedies={"": _("Eligible when the dispute about {invoices} is resolved.")},
        remedy_without_invoices=_("It takes the end of the dispute."),
    ),
    RuleRecord(
        rule=Rule.BUSINESS_BUYER,
        stage=Stage.BUYER,
        title=_("Business buyer"),
        may_be_overridden=True,
        short_reasons={"": _("not a business")},
        sentences={
            PASS: {"": _("The buyer is a business.")},
            FAIL: {"": _("We finance invoices to businesses, and your books have no company name for this buyer.")},
            UNKNOWN: WITHOUT_BUYER,
        },
        remedies_by_hand={"": _("Edit the invoice and enter the buyer's company name.")},
        remedies={"": _("Add the buyer's company name in your books. We pick it up automatically.")},
    ),
    RuleRecord(
        rule=Rule.PAYMENT_HISTORY,
        stage=Stage.BUYER,
        title=_("Buyer's payment history"),
        unit=Unit.PAID_INVOICES,
        may_be_overridden=True,
        short_reasons={"": _("new buyer")},
        sentences={
            PASS: {"": _("{actual} of this buyer. We need {limit} or more.")},
            FAIL: {"": _("{actual} of this buyer. We need {limit} or more.")},
            UNKNOWN: WITHOUT_BUYER,
        },
        remedies={"": _("It takes {missing} more of this buyer, or our approval: write to us.")},
    ),
    RuleRecord(
        rule=Rule.CROSS_AGING,
        stage=Stage.BUYER,
        title=_("Buyer's late balance"),
        staff_title=_("Cross-aging"),
        unit=Unit.PERCENT,
        may_be_overridden=True,
        short_reasons={"": _("buyer pays late")},
        sentences={
            PASS: {
                "": _("{actual} of what this buyer owes you is late. The limit is {limit}."),
                "elsewhere": _("Not too much of what this buyer owes is late."),
            },
            FAIL: {
                "": _("{actual} of what this buyer owes you is late. From {limit} on we buy none of its invoices."),
                "elsewhere": _("Too much of what this buyer owes is late, so we buy none of its invoices now."),
            },
            UNKNOWN: WITHOUT_BUYER,
        },
        remedies={"": _("Eligible when {invoices} {are} paid.")},
        remedy_without_invoices=_("It takes payments of this buyer."),
    ),
    RuleRecord(
        rule=Rule.DILUTION,
        stage=Stage.BUYER,
        title=_("Buyer's credit memos"),
        staff_title=_("Dilution"),
        unit=Unit.PERCENT,
        may_be_overridden=True,
        short_reasons={"": _("too many credits")},
        sentences={
            PASS: {"": _("You credited {actual} of what you invoiced this buyer lately. The limit is {limit}.")},
            WARN: {"": _("You credited {actual} of what you invoiced this buyer lately: much, but below {limit}.")},
            FAIL: {
                "": _("You credited {actual} of what you invoiced this buyer lately. From {limit} on we buy nothing.")
            },
            UNKNOWN: WITHOUT_BUYER,
        },
        remedies={"": _("It passes with time, or with our approval: write to us.")},
    ),
)
