"""What is checked of a batch whatever its format. Refusals name the payment, never an account number."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from infactor.banking import bank_days
from infactor.banking.errors import CannotWrite
from infactor.banking.models import HouseAccount
from infactor.banking.payment_files.orders import Batch, PaymentOrder
from infactor.core.money import InvalidAmount, validate_amount
from infactor.suppliers import bank_numbers

NAMED = 5  # refused payments that a message names
MAX_ID_LENGTH = 35
MAX_SUM = Decimal(10) ** 16
_ID = re.compile(r"(?!/)(?!.*//)[A-Za-z0-9/\-?:().,'+ ]+(?<!/)")


def checked_batch(
    *,
    account: HouseAccount,
    batch_id: str,
    orders: Sequence[PaymentOrder],
    execution_day: date,
    at: datetime,
    refusal: Callable[[PaymentOrder], str],
) -> Batch:
    """The batch with its numbers without separators. `refusal` says what a format has against an order, or nothing.

    Raises CannotWrite.
    """
    if not orders:
        raise CannotWrite("Cannot write: this batch is empty.")
    if not _is_id(batch_id):
        raise CannotWrite(f"Cannot write: “{batch_id}” cannot be the id of a batch in a payment file.")
    _check_day(account=account, day=execution_day, at=at)
    repeated = [one for one, times in Counter(order.end_to_end_id for order in orders).items() if times > 1]
    if repeated:
        raise CannotWrite(f"Cannot write: payment {repeated[0]} is in this batch more than once.")
    good, refused = [], []
    for order in orders:
        try:
            checked = _checked(order, currency=account.currency)
            if said := refusal(checked):
                raise CannotWrite(said)
            good.append(checked)
        except CannotWrite as error:
            refused.append(f"Payment {order.end_to_end_id}: {error}")
    if refused:
        more = f" And {len(refused) - NAMED} more." if len(refused) > NAMED else ""
        raise CannotWrite(f"Cannot write. {' '.join(refused[:NAMED])}{more}")
    batch = Batch(account=account, batch_id=batch_id, orders=good, execution_day=execution_day, at=at)
    if batch.control_sum >= MAX_SUM:
        raise CannotWrite("Cannot write: the sum of this batch has too many digits. Split the batch.")
    return batch


def _check_day(*, account: HouseAccount, day: date, at: datetime) -> None:
    if because := bank_days.closed_because(account, day):
        raise CannotWrite(f"Cannot write: {_named(day)} is no bank day of {account}: it is {because}.")
    earliest = bank_days.execution_day(account, at)
    if day < earliest:
        raise CannotWrite(f"Cannot write: the bank carries this file out on {_named(earliest)} at the earliest.")


def _checked(order: PaymentOrder, *, currency: str) -> PaymentOrder:
    if not _is_id(order.end_to_end_id):
        raise CannotWrite(f"its id needs 1 to {MAX_ID_LENGTH} plain characters.")
    if order.currency != currency:
        raise CannotWrite(f"it is in {order.currency}; payments from this account are in {currency}.")
    try:
        amount = validate_amount(order.amount, currency)
    except InvalidAmount as error:
        raise CannotWrite(f"this is not an amount of money: {error}.") from error
    if amount <= 0:
        raise CannotWrite("its amount must be above zero.")
    if not order.account_number.strip():
        raise CannotWrite("the payee's account number is missing.")
    try:
        numbers = bank_numbers.parse(
            country=order.country, account_number=order.account_number, routing_number=order.routing_number
        )
    except bank_numbers.InvalidBankNumber as error:
        raise CannotWrite(str(error)) from error
    return replace(order, amount=amount, account_number=numbers.account, routing_number=numbers.routing)


def _is_id(text: str) -> bool:
    return len(text) <= MAX_ID_LENGTH and text == text.strip() and _ID.fullmatch(text) is not None


def _named(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
