"""infactor's own bank account in the demo, and a statement that waits to be confirmed."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import combinations

from infactor.banking import accounts, statement_files
from infactor.banking.accounts import AccountDetails
from infactor.banking.models import HouseAccount, StatementFile
from infactor.financing.accounting import balances
from infactor.financing.models import Advance
from infactor.users.models import User

CURRENCY, OPENING_BALANCE = "USD", Decimal("250000.00")
ACCOUNT = AccountDetails(
    name="Operating account",
    currency=CURRENCY,
    bank_name="First Example Bank",
    account_number="000987654321",
    routing_number="021000021",
)
HEAD = ("Posted Date", "Description", "Payer", "Amount", "Running Balance", "Reference")


def set_up(*, by: User, today: date, at: datetime) -> StatementFile:
    """Open the account with its balance, and upload a statement of today for the open advances. Nothing is imported."""
    account = accounts.open_account(details=ACCOUNT, by=by, at=at)
    before = today - timedelta(days=1)
    accounts.post_opening_balance(account=account, balance=OPENING_BALANCE, value_date=before, by=by, at=at)
    return _upload_sample(account=account, today=today, by=by, at=at)


def _upload_sample(*, account: HouseAccount, today: date, by: User, at: datetime) -> StatementFile:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEAD)
    balance = OPENING_BALANCE
    for text, payer, amount, reference in _lines():
        balance += amount
        writer.writerow((f"{today:%m/%d/%Y}", text, payer, f"{amount:,.2f}", f"{balance:,.2f}", reference))
    writer.writerow((f"{today:%m/%d/%Y}", "ACCOUNT MAINTENANCE FEE", "", "-25.00", f"{balance - 25:,.2f}", "NONREF"))
    name = f"statement-{today:%Y-%m-%d}.csv"
    file = statement_files.upload(name=name, data=out.getvalue().encode(), account=account, by=by, at=at)
    layout = statement_files.read(file=file).detection
    if layout is not None and layout.undecided:  # the first twelve days of a month do not say which part is the day
        columns = dict(layout.layout.columns)
        file = statement_files.choose_layout(file=file, chosen={"date_order": "mdy", "columns": columns}, by=by)
    return file


def _lines() -> Sequence[tuple[str, str, Decimal, str]]:
    """A payment of one invoice, one of two, one without a number, and one that nobody knows."""
    funded = Advance.objects.filter(status=Advance.Status.FUNDED, currency=CURRENCY).select_related("invoice", "buyer")
    known = [(one, balances.outstanding(advance=one).receivable) for one in funded.order_by("funded_on", "pk")[:8]]
    lines = [("WIRE IN, NO DETAILS", "Unknown Trading LLC", Decimal("1234.56"), "NONREF")]
    for one, open_ in known[:1]:
        lines.append((f"ACH CREDIT {one.buyer} INV {one.invoice}", str(one.buyer), open_, "ACH-7001"))
    rest = known[1:]
    pairs = [(one, other) for one, other in combinations(rest, 2) if one[0].buyer_id == other[0].buyer_id]
    for (second, first_open), (third, other_open) in pairs[:1]:
        rest = [(one, open_) for one, open_ in rest if one not in (second, third)]
        text = f"ACH CREDIT INVOICES {second.invoice} AND {third.invoice}"
        lines.append((text, str(second.buyer), first_open + other_open, "ACH-7002"))
    for one, open_ in rest[:1]:
        lines.append(("ACH CREDIT ON ACCOUNT", str(one.buyer), open_, "NONREF"))
    return lines
