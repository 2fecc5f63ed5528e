"""CSV: a line for each payment, for banks and portals that take nothing else. UTF-8, a comma between the columns.

Text is quoted, account numbers too: they are text, of which no zero may get lost. What a spreadsheet would read as a
formula begins with an apostrophe.
"""

import io
from csv import QUOTE_NONNUMERIC

from defusedcsv import csv

from infactor.banking.models import HouseAccount
from infactor.banking.payment_files.characters import has_letters, to_unicode
from infactor.banking.payment_files.orders import Batch, PaymentOrder

EXTENSION, CONTENT_TYPE = "csv", "text/csv"
HEADER = (
    "end_to_end_id",
    "execution_day",
    "payee",
    "country",
    "account_number",
    "routing_number",
    "amount",
    "currency",
    "text",
)


def problem(account: HouseAccount) -> str:
    """What `account` lacks: nothing."""
    return ""


def refusal(order: PaymentOrder) -> str:
    """Why CSV cannot carry a payment; empty if it can."""
    return "" if has_letters(to_unicode(order.payee)) else "the payee has no name."


def batch_problem(batch: Batch) -> str:
    """What is too large about a batch as a whole: nothing."""
    return ""


def content(batch: Batch) -> bytes:
    """The file."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=QUOTE_NONNUMERIC)
    writer.writerow(HEADER)
    for order in batch.orders:
        writer.writerow(
            [
                order.end_to_end_id,
                batch.execution_day.isoformat(),
                to_unicode(order.payee),
                order.country,
                order.account_number,
                order.routing_number,
                order.amount,
                order.currency,
                to_unicode(order.text),
            ]
        )
    return buffer.getvalue().encode()
