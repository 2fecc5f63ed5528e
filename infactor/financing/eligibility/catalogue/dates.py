"""Records of the rules about the dates of an invoice."""

from django.utils.translation import gettext_lazy as _

from infactor.financing.eligibility.catalogue.codes import Outcome, Rule, Stage, Unit
from infactor.financing.eligibility.catalogue.record import RuleRecord

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
WAIT_FOR_DATE = _("Nothing to do: its own date comes in {actual}.")
_ADD_DATE = _("Edit the invoice and add its date.")

RECORDS = (
    RuleRecord(
        rule=Rule.AGE_AT_PURCHASE,
        stage=Stage.TERMS,
        title=_("Age at purchase"),
        unit=Unit.DAYS,
        may_be_overridden=True,
        short_reasons={"": _("too old"), "future_date": _("dated ahead")},
        sentences={
            PASS: {"": _("{actual} old. We buy invoices up to {limit} old.")},
            FAIL: {
                "": _("{actual} old. We buy invoices up to {limit} old."),
                "no_date": _("It has no invoice date."),
                "future_date": _("It is dated {actual} ahead. We buy invoices from their own date on."),
            },
        },
        remedies_by_hand={"no_date": _ADD_DATE},
        remedies={
            "no_date": _("Add its date in your books. We pick it up automatically."),
            "future_date": WAIT_FOR_DATE,
        },
    ),
    RuleRecord(
        rule=Rule.AGE,
        stage=Stage.TERMS,
        title=_("Age"),
        unit=Unit.DAYS,
        short_reasons={"": _("too old"), "future_date": _("dated ahead")},
        sentences={
            PASS: {"": _("{actual} old. An invoice counts up to {limit}.")},
            FAIL: {
                "": _("{actual} old. An invoice older than {limit} cannot be financed."),
                "no_date": _("It has no invoice date."),
                "future_date": _("It is dated {actual} ahead."),
            },
        },
        remedies_by_hand={"no_date": _ADD_DATE},
        remedies={
            "no_date": _("Add its date in your books. We pick it up automatically."),
            "future_date": WAIT_FOR_DATE,
        },
    ),
    RuleRecord(
        rule=Rule.PAYMENT_TERMS,
        stage=Stage.TERMS,
        title=_("Payment terms"),
        unit=Unit.DAYS,
        may_be_overridden=True,
        short_reasons={"": _("term too long")},
        sentences={
            PASS: {"": _("Payable within {actual}. We buy invoices payable within {limit}.")},
            FAIL: {
                "": _("Payable within {actual}. We buy invoices payable within {limit}."),
                "due_before_issue": _("It is due before its own date."),
            },
            UNKNOWN: {"": _("Not known without both dates.")},
        },
        remedies_by_hand={"due_before_issue": _("Edit the invoice and correct its dates.")},
        remedies={"due_before_issue": _("Correct its dates in your books. We pick it up automatically.")},
    ),
    RuleRecord(
        rule=Rule.DAYS_TO_DUE,
        stage=Stage.TERMS,
        title=_("Days to due date"),
        unit=Unit.DAYS,
        may_be_overridden=True,
        short_reasons={"": _("due too soon"), "overdue": _("overdue")},
        sentences={
            PASS: {"": _("Due in {actual}. We buy invoices due in {limit} or more.")},
            FAIL: {
                "": _("Due in {actual}. We buy invoices due in {limit} or more."),
                "today": _("Due today. We buy invoices due in {limit} or more."),
                "overdue": _("Overdue for {actual}. We buy invoices due in {limit} or more."),
            },
            UNKNOWN: {"": _("Not known without a due date.")},
        },
    ),
)
