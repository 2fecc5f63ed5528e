"""Models of invoices: company files, buyers, debtors, invoices with their history, what lowers and what backs them."""

from infactor.invoices.models.buyer import Buyer
from infactor.invoices.models.company_file import CompanyFile
from infactor.invoices.models.credit_memo import CreditMemo
from infactor.invoices.models.debtor import Debtor, DebtorName
from infactor.invoices.models.debtor_suggestion import DebtorSuggestion
from infactor.invoices.models.evidence import (
    Attachment,
    AttachmentLine,
    BooksAccount,
    Deposit,
    DepositLine,
    Item,
    Order,
)
from infactor.invoices.models.invoice import Invoice
from infactor.invoices.models.invoice_change import InvoiceChange
from infactor.invoices.models.named_revision import NamedRevision
from infactor.invoices.models.payables import Payable, Vendor, VendorMatch
from infactor.invoices.models.payment import BooksPayment, PaymentAllocation
from infactor.invoices.models.upload import InvoiceUpload
from infactor.invoices.models.version import BuyerVersion, InvoiceVersion

__all__ = [
    "Attachment",
    "AttachmentLine",
    "BooksAccount",
    "BooksPayment",
    "Buyer",
    "BuyerVersion",
    "CompanyFile",
    "CreditMemo",
    "Debtor",
    "DebtorName",
    "DebtorSuggestion",
    "Deposit",
    "DepositLine",
    "Invoice",
    "InvoiceChange",
    "InvoiceUpload",
    "InvoiceVersion",
    "Item",
    "NamedRevision",
    "Order",
    "Payable",
    "PaymentAllocation",
    "Vendor",
    "VendorMatch",
]
