"""infactor's own bank in the demo: its account, its statements of past days, and one that waits to be confirmed."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import combinations

from infactor.banking import accounts, debits, matches, payment_details, statement_files, statement_import
from infactor.banking.accounts import AccountDetails
from infactor.banking.models import HouseAccount, StatementFile, StatementLine
from infactor.banking.payment_details import PaymentDetails
from infactor.financing.accounting import balances
from infactor.financing.models import Advance, Payout
from infactor.financing.money_out import endings
from infactor.users.models import User

CURRENCY, OPENING_BALANCE = "USD", Decimal("250000.00")
FORMAT = "nacha"
ACCOUNT = AccountDetails(
    name="Operating account",
    currency=CURRENCY,
    bank_name="First Example Bank",
    account_number="000987654321",
    routing_number="021000021",
)
DETAILS = PaymentDetails(
    originator_name="infactor",
    originator_id="1234567890",
    routing_number="021000021",
    country="US",
    payment_format=FORMAT,
    holiday_calendar="FED",
)
HEAD = ("Posted Date", "Description", "Payer", "Amount", "Running Balance", "Reference")
Row = tuple[str, str, Decimal, str]


def set_up(*, by: User, today: date, at: datetime) -> HouseAccount:
    """Open the account with its balance of the day before `today`."""
    account = accounts.open_account(details=ACCOUNT, by=by, at=at)
    before = today - timedelta(days=1)
    accounts.post_opening_balance(account=account, balance=OPENING_BALANCE, value_date=before, by=by, at=at)
    return payment_details.save(account=account, details=DETAILS, by=by, at=at)


def receive_statement(*, account: HouseAccount, today: date, by: User, at: datetime) -> None:
    """The statement of a day: what was recorded by hand is on it, and it takes what was sent to be paid by then.

    A batch is one debit, as a bank books a file.
    """
    entries = matches.unconfirmed_entries(account=account).filter(moved__gt=0, transaction__value_date__lt=today)
    known = {f"KNOWN-{one.pk}": one for one in entries.order_by("pk")}
    rows: list[Row] = [("DEPOSIT", "", one.debit, name) for name, one in known.items()]
    rows += _debits(account=account, today=today)
    if not rows:
        return
    for line in _import(account=account, rows=rows, today=today, by=by, at=at):
        if line.reference in known:
            matches.link(line=line, entries=[known[line.reference]], by=by, at=at)
        else:
            debits.explain(lines=[line], by=None, at=at)


def give_back(*, payout: Payout, code: str, today: date, by: User, at: datetime) -> Payout:
    """The bank returns a payout with a code: by a credit where it had taken the money, else by word."""
    if payout.debited_on is None or payout.batch is None:
        return endings.record_return(payout=payout, code=code, reason="", value_date=today, by=by, at=at)
    row: Row = (f"ACH RETURN {code} {payout.end_to_end_id}", payout.payee, payout.amount, f"RET-{payout.pk}")
    (line,) = _import(account=payout.batch.house_account, rows=[row], today=today, by=by, at=at)
    return endings.record_return(payout=payout, code=code, reason="", line=line, by=by, at=at)


def upload_sample(*, account: HouseAccount, today: date, by: User, at: datetime) -> StatementFile:
    """Upload a statement of today for the open advances and for what was sent. Nothing is imported."""
    fee: Row = ("ACCOUNT MAINTENANCE FEE", "", Decimal(-25), "NONREF")
    rows = [*_lines(), *_debits(account=account, today=today), fee]
    return _upload(account=account, rows=rows, today=today, by=by, at=at)


def _debits(*, account: HouseAccount, today: date) -> list[Row]:
    """A debit for each batch that was sent and that the bank pays by `today`."""
    waiting = Payout.objects.filter(
        status=Payout.Status.SENT, batch__house_account=account, batch__execution_day__lte=today
    )
    sums: dict[str, Decimal] = {}
    for one in waiting.select_related("batch").order_by("batch", "pk"):
        if one.batch is not None:
            sums[one.batch.batch_id] = sums.get(one.batch.batch_id, Decimal(0)) + one.amount
    return [(f"ACH CREDITS ORIGINATED {name}", "", -amount, name) for name, amount in sums.items()]


def _import(*, account: HouseAccount, rows: Sequence[Row], today: date, by: User, at: datetime) -> list[StatementLine]:
    file = _upload(account=account, rows=rows, today=today, by=by, at=at)
    statement_import.confirm(file=file, by=by, at=at)
    return list(StatementLine.objects.filter(statement__file=file).select_related("account").order_by("pk"))


def _upload(*, account: HouseAccount, rows: Sequence[Row], today: date, by: User, at: datetime) -> StatementFile:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEAD)
    balance = OPENING_BALANCE + sum(
        StatementLine.objects.filter(account=account).values_list("amount", flat=True), Decimal(0)
    )
    for text, payer, amount, reference in rows:
        balance += amount
        writer.writerow((f"{today:%m/%d/%Y}", text, payer, f"{amount:,.2f}", f"{balance:,.2f}", reference))
    name = f"statement-{today:%Y-%m-%d}.csv"
    file = statement_files.upload(name=name, data=out.getvalue().encode(), account=account, by=by, at=at)
    layout = statement_files.read(file=file).detection
    if layout is not None and layout.undecided:  # the first twelve days of a month do not say which part is the day
        columns = dict(layout.layout.columns)
        file = statement_files.choose_layout(file=file, chosen={"date_order": "mdy", "columns": columns}, by=by)
    return file


def _lines() -> Sequence[Row]:
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
