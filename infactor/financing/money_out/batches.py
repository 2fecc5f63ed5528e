"""Batches: approved payouts of one house account become a file for the bank, which is written once and kept."""

import base64
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum

from infactor.banking import bank_days, cash, open_accounts, payment_files
from infactor.banking.models import HouseAccount
from infactor.banking.payment_files import PaymentOrder
from infactor.core import audit
from infactor.core.business_day import business_day
from infactor.core.transitions import move
from infactor.financing import emails
from infactor.financing.models import PAYOUT_TRANSITIONS, Payout, PayoutBatch
from infactor.financing.money_out import blockers
from infactor.financing.money_out.approval import lock
from infactor.financing.payouts import PayoutError
from infactor.users import roles
from infactor.users.models import User

EXPORT_PAYOUTS = "financing.export_payouts"
MAX_PAYOUTS = 5000  # in one file
ZERO = Decimal("0.00")
Status = PayoutBatch.Status
OVER = (Payout.Status.REPLACED, Payout.Status.CANCELLED)


@dataclass(frozen=True)
class StoredFile:
    """The file of a batch as it was exported. Its repr shows nothing of the content."""

    name: str
    content_type: str
    content: bytes

    def __repr__(self) -> str:
        return f"StoredFile({self.name}, {len(self.content)} bytes)"


def make(
    *, payout_ids: Collection[int], house_account: HouseAccount, format: str, by: User, at: datetime
) -> PayoutBatch:
    """Put those of these approved payouts that nothing blocks into a new batch that leaves `house_account`.

    Raises NotAllowed, PayoutError (also where all are blocked), AccountClosed, and cash.Overdrawn.
    """
    roles.require(by, EXPORT_PAYOUTS)
    if format not in dict(payment_files.FORMATS):
        raise PayoutError("Choose a format of the list.")
    if len(set(payout_ids)) > MAX_PAYOUTS:
        raise PayoutError(f"A batch holds {MAX_PAYOUTS:,} payouts. Make several.")
    with transaction.atomic():
        open_accounts.lock(account=house_account)
        found = lock(payout_ids=payout_ids)
        for one in found:
            if one.status != Payout.Status.APPROVED:
                raise PayoutError(f"{one} is {one.get_status_display().lower()}. Only approved payouts are sent.")
            if one.batch is not None:
                raise PayoutError(f"{one} is in {one.batch} already.")
            if one.currency != house_account.currency:
                raise PayoutError(f"{one} is in {one.currency}, and {house_account} has another currency.")
        found = blockers.require_any(payouts=found, on=business_day(at))
        batch = PayoutBatch.objects.create(
            house_account=house_account, currency=house_account.currency, format=format, made_by=by, made_at=at
        )
        keys = [one.pk for one in found]
        Payout.objects.filter(pk__in=keys).update(batch=batch, updated_at=at)
        cash.require_cover(currency=batch.currency, account=house_account)
        audit.record(event="payoutbatch.made", subject=batch, by=by, at=at, details={"payouts": keys})
        return batch


def export(*, batch: PayoutBatch, by: User, at: datetime) -> PayoutBatch:
    """Write the file of a batch: from now on its payouts count as sent. The file is kept, for `download`.

    Whoever made the batch may export it: each payout of it has had its second person. Raises NotAllowed, PayoutError
    (also where one is blocked), BankingError where no file can be written, TransitionNotAllowed where it is over.
    """
    roles.require(by, EXPORT_PAYOUTS)
    with transaction.atomic():
        current = PayoutBatch.objects.select_for_update(of=("self",)).select_related("house_account").get(pk=batch.pk)
        ids = list(Payout.objects.filter(batch=current).values_list("pk", flat=True))
        if not ids:
            raise PayoutError(f"There is nothing in {current}. Withdraw it.")
        found = lock(payout_ids=ids)
        if current.status == Status.MADE:
            blockers.require_payable(payouts=found, on=business_day(at))
        day = bank_days.execution_day(current.house_account, at)
        file = payment_files.write(
            format=current.format,
            account=current.house_account,
            batch_id=current.batch_id,
            orders=[order_of(one) for one in found],
            execution_day=day,
            at=at,
        )
        total = sum((one.amount for one in found), ZERO)
        if file.control_sum != total or file.count != len(found):
            raise PayoutError("The file does not hold what the batch holds. Nothing was exported.")
        exported = move(
            current,
            to=Status.EXPORTED,
            transitions=PayoutBatch.TRANSITIONS,
            by=by,
            at=at,
            changes={
                "execution_day": day,
                "exported_by": by,
                "exported_at": at,
                "file_name": file.name,
                "content_type": file.content_type,
                "digest": hashlib.sha256(file.content).hexdigest(),
                "control_sum": file.control_sum,
                "count": file.count,
                "exported_payouts": ids,
                "content": _encrypted(file.content, batch=current),
            },
        )
        for one in found:
            sent = move(
                one,
                to=Payout.Status.SENT,
                transitions=PAYOUT_TRANSITIONS,
                by=by,
                at=at,
                supplier_id=one.supplier_id,
            )
            emails.payout_sent(payout=sent, execution_day=day)
        _audit("payoutbatch.file_written", exported, by=by, at=at)
        return exported


def download(*, batch: PayoutBatch, by: User, at: datetime) -> StoredFile:
    """The file of an exported batch, the same bytes each time. Each download is audited.

    Raises NotAllowed, PayoutError.
    """
    roles.require(by, EXPORT_PAYOUTS)
    with transaction.atomic():
        current = PayoutBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
        if current.status != Status.EXPORTED:
            raise PayoutError(f"{current} has no file: it is {current.get_status_display().lower()}.")
        if not current.content:
            raise PayoutError(f"The file of {current} was deleted when it was withdrawn. The bank has it.")
        content = base64.b64decode(current.content)
        if hashlib.sha256(content).hexdigest() != current.digest:
            raise PayoutError(f"The stored file of {current} is not the one that was exported. Do not send it.")
        _audit("payoutbatch.downloaded", current, by=by, at=at)
        return StoredFile(current.file_name, current.content_type, content)


def withdraw(*, batch: PayoutBatch, reason: str, by: User, at: datetime) -> PayoutBatch:
    """Take a batch back that the bank never got: its payouts are approved again, and the file is deleted.

    Raises NotAllowed, PayoutError where the bank has confirmed or returned a payout of it, and TransitionNotAllowed.
    """
    roles.require(by, EXPORT_PAYOUTS)
    if not reason.strip():
        raise PayoutError("Enter why it is withdrawn.")
    with transaction.atomic():
        current = PayoutBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
        ids = list(Payout.objects.filter(batch=current).values_list("pk", flat=True))
        found = lock(payout_ids=ids) if ids else []
        answered = [one for one in found if one.status not in (Payout.Status.APPROVED, Payout.Status.SENT)]
        if answered:
            status = answered[0].get_status_display().lower()
            raise PayoutError(f"{answered[0]} is {status}: the bank has had this batch.")
        withdrawn = move(
            current,
            to=Status.WITHDRAWN,
            transitions=PayoutBatch.TRANSITIONS,
            by=by,
            at=at,
            reason=reason,
            changes={
                "withdrawn_by": by,
                "withdrawn_at": at,
                "reason": reason.strip()[:300],
                "content": "",
                "reinstated_at": None,
            },
        )
        for one in found:
            if one.status == Payout.Status.SENT:
                again = move(
                    one,
                    to=Payout.Status.APPROVED,
                    transitions=PAYOUT_TRANSITIONS,
                    by=by,
                    at=at,
                    supplier_id=one.supplier_id,
                    reason=reason,
                    changes={"batch": None},
                )
                emails.payout_delayed(payout=again, batch=withdrawn)
            else:
                Payout.objects.filter(pk=one.pk).update(batch=None, updated_at=at)
        return withdrawn


def reinstate(*, batch: PayoutBatch, reason: str, by: User, at: datetime) -> PayoutBatch:
    """Say that the bank had the file of a withdrawn batch: its payouts count as sent in it again, and can be debited.

    One that was replaced or cancelled meanwhile stays so, and its debit can be matched as a late one.

    Raises NotAllowed, PayoutError where it was not exported, or a payout of it is stopped or batched again,
    AccountClosed, and TransitionNotAllowed.
    """
    roles.require(by, EXPORT_PAYOUTS)
    if not reason.strip():
        raise PayoutError("Enter how it is known that the bank had the file.")
    with transaction.atomic():
        current = PayoutBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
        if not current.exported_payouts:
            raise PayoutError(f"{current} was not exported: the bank cannot have its file.")
        open_accounts.lock(account=HouseAccount(pk=current.house_account_id))
        found = lock(payout_ids=current.exported_payouts)
        for one in found:
            if one.batch is not None:
                raise PayoutError(f"{one} is in {one.batch} now. Withdraw that first, or it is paid twice.")
            if one.status not in (Payout.Status.APPROVED, *OVER):
                raise PayoutError(f"{one} is {one.get_status_display().lower()}: it cannot count as sent.")
        reinstated = move(
            current,
            to=Status.EXPORTED,
            transitions=PayoutBatch.TRANSITIONS,
            by=by,
            at=at,
            reason=reason,
            changes={"withdrawn_by": None, "withdrawn_at": None, "reason": "", "reinstated_at": at},
        )
        over = [one.pk for one in found if one.status in OVER]
        Payout.objects.filter(pk__in=over).update(batch=reinstated, updated_at=at)
        for one in found:
            if one.pk in over:
                continue
            sent = move(
                one,
                to=Payout.Status.SENT,
                transitions=PAYOUT_TRANSITIONS,
                by=by,
                at=at,
                supplier_id=one.supplier_id,
                reason=reason,
                changes={"batch": reinstated},
            )
            emails.payout_sent(payout=sent, execution_day=reinstated.execution_day)
        return reinstated


def order_of(payout: Payout) -> PaymentOrder:
    """What the bank is asked to pay for `payout`."""
    account = payout.destination
    return PaymentOrder(
        end_to_end_id=payout.end_to_end_id,
        amount=payout.amount,
        currency=payout.currency,
        payee=account.holder,
        country=account.country,
        account_number=account.account_number,
        routing_number=account.routing_number,
        text=text_of(payout),
    )


def text_of(payout: Payout) -> str:
    """What the payee reads on its own statement."""
    if payout.purpose == Payout.Purpose.REFUND:
        return f"Refund of payment {payout.refund.collection.bank_reference}"
    if payout.purpose == Payout.Purpose.MICRO_DEPOSIT:
        return "infactor account check"
    about = f" invoice {payout.advance.invoice}" if payout.advance is not None else ""
    return f"{payout.get_purpose_display()}{about}"


def sum_of(batch: PayoutBatch) -> Decimal:
    """What the payouts of a batch come to: those in its file, or those that are in it so far."""
    if batch.control_sum is not None:
        return batch.control_sum
    return Payout.objects.filter(batch=batch).aggregate(sum=Sum("amount"))["sum"] or ZERO


def _encrypted(content: bytes, *, batch: PayoutBatch) -> str:
    """The file as it is stored: `move` writes columns as they are given."""
    field: Any = PayoutBatch._meta.get_field("content")
    stored: str = field.encrypt(base64.b64encode(content).decode(), pk=batch.pk)
    return stored


def _audit(event: str, batch: PayoutBatch, *, by: User, at: datetime) -> None:
    details = {"sha256": batch.digest, "control_sum": f"{batch.control_sum}", "count": batch.count}
    audit.record(event=event, subject=batch, by=by, at=at, details=details)
