"""Payment files: a batch of payments as the bank of a house account takes it."""

from infactor.banking.payment_files.orders import PaymentFile, PaymentOrder
from infactor.banking.payment_files.writing import FORMATS, problem, write

__all__ = ["FORMATS", "PaymentFile", "PaymentOrder", "problem", "write"]
