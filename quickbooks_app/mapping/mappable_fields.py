"""What staff may change in the mapping table: fields and QuickBooks fields with their types."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from django.utils.translation import gettext_lazy as _

from infactor.core.translatable import Text


class ValueType(Enum):
    """The type of a QuickBooks field, or of an infactor field."""

    TEXT = "a text"
    EMAIL = "an email address"
    DATE = "a date"
    MOMENT = "a date with a time"
    AMOUNT = "an amount"


T = ValueType
READABLE_FROM: Mapping[ValueType, frozenset[ValueType]] = {
    T.TEXT: frozenset(T),
    T.EMAIL: frozenset({T.EMAIL}),  # mails go there in the supplier's name: never to what was meant as something else
    T.DATE: frozenset({T.DATE}),
    T.MOMENT: frozenset({T.DATE, T.MOMENT}),
    T.AMOUNT: frozenset({T.AMOUNT}),
}


@dataclass(frozen=True)
class Target:
    """An infactor field that can be read from elsewhere. `takes_constant`: from nowhere at all, too."""

    field: str
    type: ValueType
    max_length: int = 0
    takes_constant: bool = False
    takes_custom_field: bool = True


TARGETS: Mapping[str, Target] = {
    one.field: one
    for one in (
        Target("invoice_no", T.TEXT, 100),
        Target("invoice_date", T.MOMENT),
        Target("payable_date", T.DATE),
        Target("tax_amount", T.AMOUNT, takes_custom_field=False),
        Target("buyer_email", T.EMAIL, 500, takes_custom_field=False),
        Target("contact_name", T.TEXT, 500, takes_constant=True),
        Target("company_email", T.EMAIL, 500, takes_custom_field=False),
        Target("purchase_date", T.MOMENT),
        Target("source", T.TEXT, 20, takes_constant=True),
        Target("txn_date", T.DATE),
        Target("sales_term", T.TEXT, 64, takes_constant=True),
        Target("purchase_order_no", T.TEXT, 100),
    )
}
FIXED_FIELDS: Mapping[str, Text] = {
    "invoice_amount": _("Advances, payments and comparisons with reports use QuickBooks' total."),
    "items": _("The lines are kept as QuickBooks has them."),
    "tax_details": _("The tax detail is kept as QuickBooks has it."),
    "company_name": _("It follows the customer's name in QuickBooks, also when the customer is renamed."),
    "state": _("infactor sets it."),
    "qbk_invoice_id": _("It says which invoice it is."),
}
SOURCES: Mapping[str, ValueType] = {
    "DocNumber": T.TEXT,
    "TrackingNum": T.TEXT,
    "PrivateNote": T.TEXT,
    "CustomerMemo.value": T.TEXT,
    "CustomerRef.name": T.TEXT,
    "SalesTermRef.name": T.TEXT,
    "ClassRef.name": T.TEXT,
    "DepartmentRef.name": T.TEXT,
    "ProjectRef.name": T.TEXT,
    "ShipMethodRef.name": T.TEXT,
    "BillAddr.Line1": T.TEXT,
    "BillAddr.Line2": T.TEXT,
    "ShipAddr.Line1": T.TEXT,
    "ShipAddr.Line2": T.TEXT,
    "EmailStatus": T.TEXT,
    "PrintStatus": T.TEXT,
    "BillEmail.Address": T.EMAIL,
    "BillEmailCc.Address": T.EMAIL,
    "BillEmailBcc.Address": T.EMAIL,
    "TxnDate": T.DATE,
    "DueDate": T.DATE,
    "ShipDate": T.DATE,
    "MetaData.CreateTime": T.MOMENT,
    "MetaData.LastUpdatedTime": T.MOMENT,
    "TxnTaxDetail.TotalTax": T.AMOUNT,
    "Deposit": T.AMOUNT,
    "Balance": T.AMOUNT,
    "TotalAmt": T.AMOUNT,
    "HomeTotalAmt": T.AMOUNT,
}


def paths_for(target: Target) -> list[str]:
    """The QuickBooks fields of a type that `target` can take."""
    return [path for path, type_ in SOURCES.items() if type_ in READABLE_FROM[target.type]]
