"""Entries of the bookkeeping: recorded from the events of financing, and requested as pushes when their turn comes."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop

from infactor.financing.models import CollectionAllocation
from infactor.users.models import User
from quickbooks_app.api.writes import bodies
from quickbooks_app.bookkeeping import chart
from quickbooks_app.bookkeeping.event import Event
from quickbooks_app.bookkeeping.events import UNDO, find_events, key_of
from quickbooks_app.bookkeeping.objects import PAYMENTS, Accounts, Charge, entity_of, fields_of
from quickbooks_app.models import BookkeepingAccount, BookkeepingEntry, BookkeepingSettings, Connection, Push
from quickbooks_app.pushes.requests import (
    BOOKKEEPING_OFF,
    NOT_ALLOWED,
    NOT_CONNECTED,
    AlreadyPushed,
    CannotPush,
    request_push,
)
from quickbooks_app.writing import answers

Kind, State = BookkeepingEntry.Kind, Push.State
# What failed for one of these reasons is asked for again by itself once the supplier has changed its mind.
PASSING = (BOOKKEEPING_OFF, NOT_ALLOWED, NOT_CONNECTED)
OTHER_CURRENCY = gettext_noop("This is in {currency}, and the chosen accounts are in {accounts}. Enter it by hand.")
WHICH_CUSTOMER = gettext_noop(
    "infactor received this for an invoice that it has not financed. Choose whose payment it is."
)
INVOICE_DELETED = gettext_noop(
    "The invoice is deleted in QuickBooks, so no payment of it can be entered there. Enter it by hand."
)
REVERSE_BY_HAND = gettext_noop("What this reverses was entered by hand. Reverse it by hand, too.")


def request_due(*, connection_id: int, at: datetime) -> list[int]:
    """Record what is new of a company, and request what can be written now. Returns the ids of the pushes."""
    settings = active_settings().filter(connection=connection_id).first()
    if settings is None:
        return []
    record(settings=settings, at=at)
    accounts = request_accounts(settings=settings, at=at)
    if accounts is None:
        return []
    pushes = [request(entry=one, settings=settings, accounts=accounts, at=at) for one in waiting(settings)]
    return [push.pk for push in pushes if push]


def active_settings() -> QuerySet[BookkeepingSettings]:
    """The companies whose bookkeeping is on, and whose supplier lets infactor write."""
    return BookkeepingSettings.objects.filter(
        turned_on_at__isnull=False,
        connection__status=Connection.Status.CONNECTED,
        connection__integration__is_enabled=True,
        connection__writes_allowed_at__isnull=False,
    ).select_related("connection__company_file", "connection__supplier")


def is_first_of_supplier(settings: BookkeepingSettings) -> bool:
    """Whether money that no advance names belongs to these books: those of the supplier's first company."""
    others = BookkeepingSettings.objects.filter(
        connection__supplier=settings.connection.supplier_id,
        turned_on_at__isnull=False,
        connection__lt=settings.connection_id,
    )
    return not others.exists()


def record(*, settings: BookkeepingSettings, at: datetime) -> int:
    """Record an entry for each event that has none. Two at once record it once. Returns how many events were new."""
    events = find_events(settings=settings, is_first=is_first_of_supplier(settings))
    with transaction.atomic():
        _adopt_undone(events)
        rows = [_entry(one, settings, at=at) for one in events if not one.reverses]
        BookkeepingEntry.objects.bulk_create(rows, ignore_conflicts=True)
        for one in (event for event in events if event.reverses):  # one by one: a reversal may be reversed, too
            BookkeepingEntry.objects.bulk_create([_entry(one, settings, at=at)], ignore_conflicts=True)
    return len(events)


def request_accounts(*, settings: BookkeepingSettings, at: datetime) -> Accounts | None:
    """The ids of all accounts by role; None while some are still to be created. Each is created once."""
    ids: dict[str, str] = {}
    for account in settings.accounts.select_related("push"):
        push = _pushes_for(account, settings).first() if account.push_id else None
        if not account.qbk_id and push is not None and push.state == State.DONE:
            account.qbk_id = push.qbk_id
            account.save(update_fields=["qbk_id"])
        if account.qbk_id:
            ids[account.role] = account.qbk_id
        elif push is None or (push.state == State.FAILED and push.error in PASSING):
            entity, fields = chart.new_object(account.role)
            try:
                account.push = request_push(
                    connection=settings.connection,
                    entity=entity,
                    operation=Push.Operation.CREATE,
                    fields=fields,
                    purpose=Push.Purpose.BOOKKEEPING,
                    reference=_reference(account, settings),
                    by=None,
                    at=at,
                )
            except AlreadyPushed:
                # infactor created it before the supplier chose another account, and then this one again.
                account.push = _pushes_for(account, settings).exclude(state=State.FAILED).first()
            except CannotPush:
                continue
            account.save(update_fields=["push"])
            if account.push is not None and account.push.state == State.DONE:
                account.qbk_id = ids[account.role] = account.push.qbk_id
                account.save(update_fields=["qbk_id"])
    return ids if len(ids) == settings.accounts.count() else None


def _pushes_for(account: BookkeepingAccount, settings: BookkeepingSettings) -> QuerySet[Push]:
    """The pushes that create an account, the last first: staff may have asked for it again."""
    return Push.objects.filter(
        connection=settings.connection, purpose=Push.Purpose.BOOKKEEPING, reference=_reference(account, settings)
    ).order_by("-pk")


def _reference(account: BookkeepingAccount, settings: BookkeepingSettings) -> str:
    return f"{account.role} of {settings.connection.public_id}"


def waiting(settings: BookkeepingSettings) -> Iterator[BookkeepingEntry]:
    """Entries that have no push, or one that failed for a reason that has passed, the oldest first."""
    rows = BookkeepingEntry.objects.filter(
        Q(push=None) | Q(push__state=State.FAILED, push__error__in=PASSING),
        connection=settings.connection,
        done_by_hand_at__isnull=True,
    )
    yield from rows.select_related("advance__invoice", "reverses__push", "push").order_by("value_date", "pk")


def stuck() -> QuerySet[BookkeepingEntry]:
    """Entries that are written only if somebody acts."""
    return BookkeepingEntry.objects.filter(
        ~Q(blocker="") | (Q(push__state=State.FAILED) & ~Q(push__error__in=PASSING)), done_by_hand_at__isnull=True
    )


def request(
    *,
    entry: BookkeepingEntry,
    settings: BookkeepingSettings,
    accounts: Accounts,
    at: datetime,
    by: User | None = None,
    reason: str = "",
) -> Push | None:
    """Request the push of `entry`. None if it must wait for another, or cannot be written: its `blocker` says why."""
    if must_wait(entry):
        return None
    blocker = _blocker(entry, settings)
    if blocker != entry.blocker:
        BookkeepingEntry.objects.filter(pk=entry.pk).update(blocker=blocker)
    if blocker:
        return None
    invoice = entry.advance.invoice if entry.advance else None
    try:
        with transaction.atomic():
            push = request_push(
                connection=settings.connection,
                entity=entity_of(entry.kind),
                operation=Push.Operation.CREATE,
                fields=fields_of(
                    entry=entry,
                    accounts=accounts,
                    invoice_no=invoice.invoice_no if invoice else "",
                    charges=_charges(entry),
                ),
                purpose=Push.Purpose.BOOKKEEPING,
                reference=entry.key,
                by=by,
                at=at,
                reason=reason,
            )
            BookkeepingEntry.objects.filter(pk=entry.pk).update(push=push)
    except (AlreadyPushed, CannotPush):
        return None
    return push


def must_wait(entry: BookkeepingEntry) -> bool:
    """Whether another entry must be in the books first: what it reverses, or what opens its invoice again."""
    if entry.reverses is not None and entry.reverses.is_open:
        return True
    if entry.kind != Kind.BUYER_PAYMENT:
        return False
    reversals = _reversals_of_payments(entry).filter(done_by_hand_at__isnull=True)
    return reversals.exclude(push__state=State.DONE).exists()


def _adopt_undone(events: Iterable[Event]) -> None:
    """What staff have undone before financing undid it, too, is reversed once."""
    for event in events:
        if event.reverses:
            BookkeepingEntry.objects.filter(source=f"{UNDO}{event.reverses}").update(source=event.source)


def _entry(event: Event, settings: BookkeepingSettings, *, at: datetime) -> BookkeepingEntry:
    original = BookkeepingEntry.objects.get(source=event.reverses) if event.reverses else None
    customer = original.customer if original else _customer(event, settings)
    return BookkeepingEntry(
        key=key_of(source=event.source, kind=event.kind),
        source=event.source,
        connection=settings.connection,
        kind=event.kind,
        advance=event.advance,
        reverses=original,
        value_date=event.value_date,
        currency=event.currency,
        customer=customer,
        recorded_at=at,
        **event.amounts,
    )


def _customer(event: Event, settings: BookkeepingSettings) -> str:
    """The customer in QuickBooks whose receivable the event moves, "" if it moves none or nobody knows whose."""
    if not event.amounts.get("receivables"):
        return ""
    advance = event.advance
    if advance is None:
        # The same payment may name its payer by another invoice of this supplier.
        _, collection, _ = event.source.split(":")
        rows = CollectionAllocation.objects.filter(
            collection__public_id=collection, advance__invoice__company_file=settings.connection.company_file_id
        )
        found = rows.select_related("advance__invoice__buyer").order_by("position").first()
        advance = found.advance if found else None
    buyer = advance.invoice.buyer if advance is not None else None
    return buyer.reference if buyer is not None else ""


def _blocker(entry: BookkeepingEntry, settings: BookkeepingSettings) -> str:
    if entry.currency != settings.currency:
        return OTHER_CURRENCY.format(currency=entry.currency, accounts=settings.currency)
    if entry.reverses is not None and entry.reverses.done_by_hand_at is not None:
        return REVERSE_BY_HAND
    if entry.receivables and not entry.customer:
        return WHICH_CUSTOMER
    if entry.kind == Kind.BUYER_PAYMENT and entry.advance is not None:
        invoice = entry.advance.invoice
        stored = answers.stored(connection=settings.connection, entity="Invoice", qbk_id=invoice.qbk_invoice_id)
        if stored is None:
            return INVOICE_DELETED
    return ""


def _charges(entry: BookkeepingEntry) -> list[Charge]:
    """What a payment pays: first the entries that opened its invoice again after a return, then the invoice."""
    if entry.kind not in PAYMENTS or entry.kind == Kind.SURPLUS or entry.advance is None:
        return []
    left, charges = entry.due, []
    used = _used(entry)
    written = _reversals_of_payments(entry).filter(push__state=State.DONE).select_related("push")
    for reversal in written.order_by("value_date", "pk"):
        assert reversal.push is not None  # noqa: S101  filtered
        is_open = reversal.receivables - used.get(reversal.push.qbk_id, Decimal(0))
        if (amount := min(left, is_open)) > 0:
            charges.append(Charge("JournalEntry", reversal.push.qbk_id, amount))
            left -= amount
    if left > 0:
        charges.append(Charge("Invoice", entry.advance.invoice.qbk_invoice_id, left))
    return charges


def _reversals_of_payments(entry: BookkeepingEntry) -> QuerySet[BookkeepingEntry]:
    """Reversals of payments of the same invoice that came before `entry`."""
    return BookkeepingEntry.objects.filter(
        kind=Kind.REVERSAL, reverses__kind=Kind.BUYER_PAYMENT, advance=entry.advance_id, reverses__pk__lt=entry.pk
    )


def _used(entry: BookkeepingEntry) -> dict[str, Decimal]:
    """What earlier payments of the same invoice use of each reversal, by the reversal's id in QuickBooks."""
    used: dict[str, Decimal] = {}
    payments = Push.objects.filter(
        purpose=Push.Purpose.BOOKKEEPING,
        reference__in=BookkeepingEntry.objects.filter(kind=Kind.BUYER_PAYMENT, advance=entry.advance_id)
        .exclude(pk=entry.pk)
        .values("key"),
    ).exclude(state=State.FAILED)
    for push in payments:
        for line in bodies.decode(push.fields.encode()).get("Line", []):
            link = line["LinkedTxn"][0]
            if link["TxnType"] == "JournalEntry":
                used[link["TxnId"]] = used.get(link["TxnId"], Decimal(0)) + Decimal(str(line["Amount"]))
    return used
