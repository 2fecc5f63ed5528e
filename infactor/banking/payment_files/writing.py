"""Writes a payment file, or says to staff why it cannot be written."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from infactor.banking.errors import CannotWrite
from infactor.banking.models import HouseAccount
from infactor.banking.payment_files import csv_file, nacha, pain001
from infactor.banking.payment_files.checks import checked_batch
from infactor.banking.payment_files.orders import Batch, PaymentFile, PaymentOrder

Format = HouseAccount.PaymentFormat
FORMATS = Format.choices


class Writer(Protocol):
    """What a module of a format offers. `problem` and `batch_problem` answer in a part of a sentence, or nothing."""

    EXTENSION: str
    CONTENT_TYPE: str

    def problem(self, account: HouseAccount) -> str: ...

    def refusal(self, order: PaymentOrder) -> str: ...

    def batch_problem(self, batch: Batch) -> str: ...

    def content(self, batch: Batch) -> bytes: ...


_WRITERS: dict[str, Writer] = {Format.NACHA: nacha, Format.PAIN001: pain001, Format.CSV: csv_file}


def problem(*, format: str, account: HouseAccount) -> str:
    """Why no file of this format can be written for `account`, as a sentence; empty if it can."""
    if format not in _WRITERS:
        return "Cannot write: choose a format of payment files for this account."
    lacking = _WRITERS[format].problem(account)
    return f"Cannot write: {lacking}." if lacking else ""


def write(
    *,
    format: str,
    account: HouseAccount,
    batch_id: str,
    orders: Sequence[PaymentOrder],
    execution_day: date,
    at: datetime,
) -> PaymentFile:
    """A file by which the bank of `account` carries out `orders` on `execution_day`, a bank day from `at` on.

    `batch_id` has at most 35 plain characters, as has each order's id; the order at place n of `orders` has n as the
    sequence number of its NACHA trace. The same arguments give the same bytes. Raises CannotWrite, naming payments.
    """
    if said := problem(format=format, account=account):
        raise CannotWrite(said)
    writer = _WRITERS[format]
    batch = checked_batch(
        account=account,
        batch_id=batch_id,
        orders=orders,
        execution_day=execution_day,
        at=at,
        refusal=writer.refusal,
    )
    if said := writer.batch_problem(batch):
        raise CannotWrite(f"Cannot write: {said}.")
    return PaymentFile(
        name=f"{''.join(sign if sign.isalnum() else '-' for sign in batch_id)}.{writer.EXTENSION}",
        content=writer.content(batch),
        content_type=writer.CONTENT_TYPE,
        control_sum=batch.control_sum,
        count=len(batch.orders),
    )
