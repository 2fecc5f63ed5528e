"""Buyers, invoices and their history, and the company files that they come from."""

from infactor.invoices.models.buyer import Buyer
from infactor.invoices.models.company_file import CompanyFile
from infactor.invoices.models.history import InvoiceChange
from infactor.invoices.models.invoice import Invoice

__all__ = ["Buyer", "CompanyFile", "Invoice", "InvoiceChange"]
