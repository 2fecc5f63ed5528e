"""Promises to pay: recorded, withdrawn, and kept or broken by what was paid."""

from collections.abc import Collection as Rows
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

import structlog
from django.db import transaction
from django.db.models import Q

from infactor.core import audit, money
from infactor.core.business_day import business_day
from infactor.core.plain_text import to_plain_text
from infactor.core.reasons import ReasonMissing, require_reason
from infactor.desk import assignments
from infactor.desk.collecting.accounts import ZERO, Account, OpenInvoice
from infactor.desk.models import Promise, Task
from infactor.desk.rights import COLLECT, DeskError
from infactor.financing.models import Advance, CollectionAllocation
from infactor.users import roles
from infactor.users.models import User

log = structlog.get_logger(__name__)
SATURDAY = 5
FOLLOWED_FOR = timedelta(days=365)


class State(StrEnum):
    """What became of a promise."""

    OPEN = "Open"
    KEPT = "Kept"
    BROKEN = "Broken"
    LAPSED = "Nothing owed any more"
    WITHDRAWN = "Withdrawn"


@dataclass(frozen=True)
class Standing:
    """What became of a promise, and how much of it was paid in time, in its currency."""

    state: State
    paid: Decimal


def record(
    *,
    account: Account,
    invoices: Sequence[OpenInvoice],
    amount: Decimal,
    promised_on: date,
    said_by: str,
    by: User,
    at: datetime,
) -> Promise:
    """Record what a buyer said that it pays for these open invoices of its. Raises NotAllowed, DeskError."""
    roles.require(by, COLLECT)
    if not invoices:
        raise DeskError("Choose the invoices that it is about.")
    if len({one.currency for one in invoices}) > 1:
        raise DeskError("These invoices have several currencies. Record a promise for each.")
    currency = invoices[0].currency
    try:
        exact = money.validate_amount(amount, currency)
    except money.InvalidAmount as problem:
        raise DeskError(str(problem)) from problem
    open_now = sum((one.open for one in invoices), ZERO)
    if not 0 < exact <= open_now:
        shown = money.format_amount(open_now, currency)
        raise DeskError(f"Enter an amount above zero and up to what is open of these invoices, {shown}.")
    if promised_on < business_day(at):
        raise DeskError("This day has passed. Enter the day until which the buyer pays.")
    person = to_plain_text(said_by, multiline=False)
    if not person:
        raise DeskError("Enter who said it.")
    with transaction.atomic():
        promise = Promise.objects.create(
            **account.columns, amount=exact, currency=currency, promised_on=promised_on,
            said_by=person[:150], recorded_by=by, recorded_at=at,
        )  # fmt: skip
        promise.advances.set([one.advance for one in invoices])
        details = {"day": promised_on.isoformat(), "advances": sorted(one.advance.pk for one in invoices)}
        audit.record(event="promise.recorded", subject=promise, by=by, at=at, details=details)
    return promise


def withdraw(*, promise: Promise, reason: str, by: User, at: datetime) -> Promise:
    """Take back a promise that was recorded wrongly. Raises NotAllowed, DeskError."""
    roles.require(by, COLLECT)
    try:
        why = require_reason(reason)
    except ReasonMissing as missing:
        raise DeskError(str(missing)) from missing
    with transaction.atomic():
        locked = Promise.objects.select_for_update(of=("self",)).get(pk=promise.pk)
        if locked.withdrawn_at is not None:
            raise DeskError("This promise is withdrawn already.")
        locked.withdrawn_at, locked.withdrawn_by, locked.withdraw_reason = at, by, why[:500]
        locked.save(update_fields=["withdrawn_at", "withdrawn_by", "withdraw_reason"])
        audit.record(event="promise.withdrawn", subject=locked, by=by, at=at, reason=why)
        return locked


def decided_after(day: date) -> date:
    """The last day on which a promise for `day` may still turn out kept: the bank tells of it a bank day later."""
    following = day + timedelta(days=1)
    while following.weekday() >= SATURDAY:
        following += timedelta(days=1)
    return following


def standings(promises: Iterable[Promise], *, today: date) -> dict[int, Standing]:
    """What became of each promise, as of `today` in infactor's time zone.

    Payments of its invoices count whose value date is between the day when it was recorded and the day promised. Where
    an invoice has several promises, a payment counts for the earliest that is not kept yet. Three queries and more
    where promises share invoices.
    """
    wanted = list(promises)
    everyone = _with_those_that_share(wanted)
    advances = {promise.pk: [one.pk for one in promise.advances.all()] for promise in everyone}
    statuses = dict(
        Advance.objects.filter(pk__in={pk for keys in advances.values() for pk in keys}).values_list("pk", "status")
    )
    payments = _payments(statuses)
    left = {pk: amount for pk, _, _, amount in payments}
    found = {}
    for promise in sorted(everyone, key=lambda one: (one.promised_on, one.pk)):
        if promise.withdrawn_at is not None:
            found[promise.pk] = Standing(State.WITHDRAWN, ZERO)
            continue
        keys, begun = set(advances[promise.pk]), business_day(promise.recorded_at)
        paid = ZERO
        for pk, advance_id, day, _ in payments:
            if advance_id in keys and begun <= day <= promise.promised_on:
                part = min(left[pk], promise.amount - paid)
                left[pk] -= part
                paid += part
        is_owed = any(statuses[pk] == Advance.Status.FUNDED for pk in keys)
        came_late = sum((one[3] for one in payments if one[1] in keys and one[2] > promise.promised_on), ZERO)
        state = _state(promise, paid=paid, today=today, is_owed=is_owed or paid + came_late >= promise.amount)
        found[promise.pk] = Standing(state, paid)
    return {promise.pk: found[promise.pk] for promise in wanted}


def follow_up(*, at: datetime) -> int:
    """Make a task of each promise that was broken, once, and drop those of promises that turned out kept.

    For the daily job; every run does what an earlier one missed. Returns how many tasks it added.
    """
    today = business_day(at)
    _drop_withdrawn(at=at)
    past = Promise.objects.filter(promised_on__lt=today, withdrawn_at__isnull=True)
    lately = Q(task=None, promised_on__gte=today - FOLLOWED_FOR)
    rows = past.filter(lately | Q(task__status=Task.Status.OPEN)).select_related("debtor", "buyer", "recorded_by")
    found = list(rows.prefetch_related("advances").order_by("pk"))
    states, count = standings(found, today=today), 0
    open_tasks = {one.promise_id: one for one in Task.objects.filter(promise__in=found, status=Task.Status.OPEN)}
    for promise in found:
        try:
            with transaction.atomic():
                count += _follow(promise, states[promise.pk], open_tasks.get(promise.pk), at=at)
        except Exception:
            # One promise that fails must not keep the others from their task. The next run tries it again.
            log.exception("promise_follow_up_failed", promise=promise.pk)
    return count


def title_of(promise: Promise) -> str:
    """The promise in one line: who, how much, until when."""
    day = promise.promised_on
    amount = money.format_amount(promise.amount, promise.currency)
    return f"{promise.debtor or promise.buyer} promised {amount} until {day:%b} {day.day}"


def _follow(promise: Promise, standing: Standing, task: Task | None, *, at: datetime) -> int:
    if standing.state == State.BROKEN and task is None:
        title = f"Broken promise: {title_of(promise)}"
        return int(assignments.add_for_broken_promise(promise=promise, title=title, at=at) is not None)
    if standing.state in (State.KEPT, State.LAPSED) and task is not None:
        assignments.drop_by_itself(task=task, reason=f"{standing.state}: a later payment or closing says so.", at=at)
    return 0


def _drop_withdrawn(*, at: datetime) -> None:
    for task in Task.objects.filter(status=Task.Status.OPEN, promise__withdrawn_at__isnull=False):
        assignments.drop_by_itself(task=task, reason="The promise was withdrawn.", at=at)


def _state(promise: Promise, *, paid: Decimal, today: date, is_owed: bool) -> State:
    if paid >= promise.amount:
        return State.KEPT
    if not is_owed:
        return State.LAPSED
    return State.OPEN if today <= decided_after(promise.promised_on) else State.BROKEN


def _with_those_that_share(promises: Sequence[Promise]) -> list[Promise]:
    """`promises`, and those that share invoices with them, directly or over others."""
    known: dict[int, Promise] = {}
    new = list(promises)
    while new:
        known |= {one.pk: one for one in new}
        shared = Promise.objects.filter(advances__in=Advance.objects.filter(pk__in=_advance_ids(new)))
        new = list(shared.exclude(pk__in=known).distinct().prefetch_related("advances"))
    return list(known.values())


def _advance_ids(promises: Iterable[Promise]) -> list[int]:
    through = Promise.advances.through.objects.filter(promise_id__in=[one.pk for one in promises])
    return list(through.values_list("advance_id", flat=True))


def _payments(advance_ids: Rows[int]) -> list[tuple[int, int, date, Decimal]]:
    """What buyers paid of these advances and was not undone: key, advance, value date, amount; the earliest first."""
    rows = CollectionAllocation.objects.filter(
        advance__in=advance_ids,
        kind=CollectionAllocation.Kind.ADVANCE,
        reversed_at__isnull=True,
        collection__returned_on__isnull=True,
        collection__withdrawn_at__isnull=True,
    )
    return list(
        rows.order_by("collection__value_date", "pk").values_list("pk", "advance", "collection__value_date", "amount")
    )
