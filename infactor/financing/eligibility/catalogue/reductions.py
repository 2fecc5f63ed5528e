"""Records of the rules that take a part of the balance off: contra, credits, limits, concentration."""

from django.utils.translation import gettext_lazy as _

from infactor.financing.eligibility.catalogue.codes import Outcome, Rule, Stage, Unit
from infactor.financing.eligibility.catalogue.record import RuleRecord

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
PAY_FIRST = {"": _("More becomes available when {invoices} {are} paid.")}
ASK_FOR_MORE = _("Write to us for a higher limit.")

RECORDS = (
    RuleRecord(
        rule=Rule.CONTRA,
        stage=Stage.REDUCTION,
        title=_("What you owe the buyer"),
        staff_title=_("Contra: what the supplier owes the buyer"),
        unit=Unit.AMOUNT,
        deduction_label=_("What you owe the buyer"),
        short_reasons={"": _("you owe the buyer")},
        sentences={
            PASS: {
                "": _("You owe this buyer nothing by your bills."),
                "owed": _("By your bills you owe this buyer {actual}, which is taken off what is due first."),
                "reduced": _("By your bills you owe this buyer {actual}, which it may set off against this invoice."),
            },
            FAIL: {"": _("Too little is left of it after {actual} that you owe this buyer by your bills.")},
            UNKNOWN: {
                "": _(
                    "Not known: your vendors and bills have not been read lately. They are read after your invoices, "
                    "where your QuickBooks has bills."
                )
            },
        },
        remedies={"": _("Pay what you owe this buyer, and record it in your books. We pick it up automatically.")},
    ),
    RuleRecord(
        rule=Rule.CREDITS,
        stage=Stage.REDUCTION,
        title=_("Credits and payments not applied yet"),
        staff_title=_("Open credits"),
        unit=Unit.AMOUNT,
        deduction_label=_("open buyer credits"),
        short_reasons={"": _("credits or payments not applied")},
        sentences={
            PASS: {"": _("Credits and payments of this buyer that your books apply to no invoice yet: {actual}.")},
            FAIL: {
                "": _(
                    "Too little is left of it after {actual} of this buyer's credits and payments that your books "
                    "apply to no invoice yet."
                )
            },
        },
        remedies={"": _("Apply this buyer's credits and payments in your books. We pick it up automatically.")},
    ),
    RuleRecord(
        rule=Rule.BUYER_LIMIT,
        stage=Stage.REDUCTION,
        title=_("Buyer's limit"),
        staff_title=_("Buyer's limit over all suppliers"),
        unit=Unit.AMOUNT,
        may_be_overridden=True,
        deduction_label=_("Over the buyer's limit"),
        short_reasons={"": _("buyer's limit")},
        # The limit counts over all suppliers: its numbers would tell of their business with this buyer.
        sentences={
            PASS: {
                "": _("Within what we finance for this buyer."),
                "reduced": _("A part of it is over what we finance for this buyer now."),
            },
            FAIL: {"": _("What we finance for this buyer is used up.")},
        },
        remedies=PAY_FIRST,
        remedy_without_invoices=ASK_FOR_MORE,
    ),
    RuleRecord(
        rule=Rule.PAIR_LIMIT,
        stage=Stage.REDUCTION,
        title=_("Your limit for this buyer"),
        staff_title=_("Limit of supplier and buyer"),
        unit=Unit.AMOUNT,
        may_be_overridden=True,
        deduction_label=_("Over your limit for this buyer"),
        short_reasons={"": _("limit for this buyer")},
        sentences={
            PASS: {"": _("{actual} of your {limit} for this buyer are in use.")},
            FAIL: {"": _("Your {limit} for this buyer are used up.")},
        },
        remedies=PAY_FIRST,
        remedy_without_invoices=ASK_FOR_MORE,
    ),
    RuleRecord(
        rule=Rule.SUPPLIER_LIMIT,
        stage=Stage.REDUCTION,
        title=_("Your limit"),
        staff_title=_("Supplier's limit over all buyers"),
        unit=Unit.AMOUNT,
        may_be_overridden=True,
        deduction_label=_("Over your limit"),
        short_reasons={"": _("your limit")},
        sentences={
            PASS: {"": _("{actual} of your {limit} are in use.")},
            FAIL: {"": _("Your {limit} are used up.")},
        },
        remedies=PAY_FIRST,
        remedy_without_invoices=ASK_FOR_MORE,
    ),
    RuleRecord(
        rule=Rule.CONCENTRATION,
        stage=Stage.REDUCTION,
        title=_("Share of one buyer"),
        staff_title=_("Concentration"),
        unit=Unit.AMOUNT,
        may_be_overridden=True,
        deduction_label=_("Over the share of one buyer"),
        short_reasons={"": _("buyer concentration")},
        sentences={
            PASS: {
                "": _("We finance at most {limit} from one buyer now: a share of everything that could be financed."),
                "not_measured": _("Not measured: something else makes this invoice ineligible."),
                "only_buyer": _("You have only this buyer now, so its own limit applies."),
            },
            FAIL: {
                "": _("We finance at most {limit} from one buyer now, and your other invoices of this buyer use it up.")
            },
        },
        remedies={"": _("It grows with the eligible invoices of your other buyers.")},
    ),
)
