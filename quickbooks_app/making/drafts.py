"""What a supplier wants to make, and the fields that QuickBooks gets for it. Pure.

Lengths are those of QuickBooks' reference. A field that stays empty is not sent, so that QuickBooks fills it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from infactor.core.money import round_to_currency
from quickbooks_app.making.choices import Choices, TaxModel

Fields = dict[str, Any]

MAX_NUMBER, MAX_MESSAGE, MAX_DESCRIPTION, MAX_REFERENCE, MAX_NOTE = 21, 1000, 4000, 21, 4000
MAX_NAME, MAX_PERSON, MAX_EMAIL, MAX_PHONE, MAX_STREET, MAX_PLACE, MAX_POSTAL_CODE = 500, 100, 100, 30, 500, 255, 30
SALES = "SalesItemLineDetail"
TAXED, UNTAXED = "TAX", "NON"
WITH_TAX, WITHOUT_TAX = "TaxExcluded", "NotApplicable"


@dataclass(frozen=True)
class BuyerDraft:
    """A new customer. Only the name is needed; `currency` counts in companies with several."""

    name: str
    company: str = ""
    given_name: str = ""
    family_name: str = ""
    email: str = ""
    phone: str = ""
    street: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    currency: str = ""

    def fields(self) -> Fields:
        address = {
            "Line1": self.street,
            "City": self.city,
            "CountrySubDivisionCode": self.region,
            "PostalCode": self.postal_code,
            "Country": self.country,
        }
        return _filled(
            {
                "DisplayName": self.name,
                "CompanyName": self.company,
                "GivenName": self.given_name,
                "FamilyName": self.family_name,
                "PrimaryEmailAddr": _filled({"Address": self.email}),
                "PrimaryPhone": _filled({"FreeFormNumber": self.phone}),
                "BillAddr": _filled(address),
                "CurrencyRef": _reference(self.currency),
            }
        )


@dataclass(frozen=True)
class LineDraft:
    """A line: `tax` is TAXED or UNTAXED in the United States, a tax code elsewhere, "" where nothing is taxed.

    `line_id` names the line that it changes.
    """

    item: str
    quantity: Decimal
    price: Decimal
    description: str = ""
    tax: str = ""
    line_id: str = ""

    def amount(self, currency: str) -> Decimal:
        """Quantity times price, rounded to what can be paid in `currency`."""
        return round_to_currency(self.quantity * self.price, currency)

    def fields(self, currency: str) -> Fields:
        detail = {
            "ItemRef": {"value": self.item},
            "Qty": self.quantity,
            "UnitPrice": self.price,
            "TaxCodeRef": _reference(self.tax),
        }
        line = {"Id": self.line_id, "Description": self.description}
        return {**_filled(line), "Amount": self.amount(currency), "DetailType": SALES, SALES: _filled(detail)}


@dataclass(frozen=True)
class InvoiceDraft:
    """A new invoice in `currency` for a customer. `tax_code` is that of the whole invoice, in the United States."""

    customer: str
    currency: str
    issued: date
    lines: Sequence[LineDraft]
    number: str = ""
    due: date | None = None
    term: str = ""
    email: str = ""
    message: str = ""
    tax_code: str = ""

    @property
    def net(self) -> Decimal:
        """The sum of the lines, before taxes."""
        return sum((line.amount(self.currency) for line in self.lines), Decimal(0))

    def fields(self, choices: Choices) -> Fields:
        return _filled(
            {
                "CustomerRef": {"value": self.customer},
                "CurrencyRef": _reference(self.currency) if choices.has_several_currencies else {},
                **head_fields(self),
                "Line": [line.fields(self.currency) for line in self.lines],
                **tax_fields(self, choices),
            }
        )


@dataclass(frozen=True)
class PaymentDraft:
    """What a buyer paid on one invoice, in the invoice's currency."""

    customer: str
    currency: str
    invoice: str
    amount: Decimal
    paid: date
    reference: str = ""
    note: str = ""

    def fields(self, choices: Choices) -> Fields:
        return _filled(
            {
                "CustomerRef": {"value": self.customer},
                "CurrencyRef": _reference(self.currency) if choices.has_several_currencies else {},
                "TotalAmt": self.amount,
                "TxnDate": self.paid.isoformat(),
                "PaymentRefNum": self.reference,
                "PrivateNote": self.note,
                "Line": [
                    {"Amount": self.amount, "LinkedTxn": [{"TxnId": self.invoice, "TxnType": "Invoice"}]},
                ],
            }
        )


def head_fields(draft: InvoiceDraft) -> Fields:
    """The fields of an invoice beside its customer, lines and taxes; "" or {} where nothing was entered."""
    return {
        "DocNumber": draft.number,
        "TxnDate": draft.issued.isoformat(),
        "DueDate": draft.due.isoformat() if draft.due else "",
        "SalesTermRef": _reference(draft.term),
        "BillEmail": _filled({"Address": draft.email}),
        "CustomerMemo": _filled({"value": draft.message}),
    }


def tax_fields(draft: InvoiceDraft, choices: Choices) -> Fields:
    """What an invoice needs for its taxes beside the codes of its lines."""
    match choices.tax:
        case TaxModel.BY_LINE:
            is_taxed = any(line.tax for line in draft.lines)
            return {"GlobalTaxCalculation": WITH_TAX if is_taxed else WITHOUT_TAX}
        case TaxModel.MANUAL if draft.tax_code and any(line.tax == TAXED for line in draft.lines):
            return {"TxnTaxDetail": {"TxnTaxCodeRef": {"value": draft.tax_code}}}
        case _:
            return {}


def _reference(value: str) -> Fields:
    return {"value": value} if value else {}


def _filled(fields: Mapping[str, Any]) -> Fields:
    return {name: value for name, value in fields.items() if value not in ("", {}, [])}
