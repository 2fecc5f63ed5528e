"""The account mapping: an owner of the supplier turns the bookkeeping on, with its accounts and start date, and off."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from infactor.core import audit
from infactor.suppliers.access import require_member
from infactor.users.models import User
from quickbooks_app.bookkeeping.chart import CREATED, ROLE_TYPES, Chart, new_name
from quickbooks_app.models import BookkeepingAccount, BookkeepingEntry, BookkeepingSettings, Connection, Push
from quickbooks_app.pushes.requests import BOOKKEEPING_OFF, NOT_ALLOWED, NOT_CONNECTED

Role = BookkeepingAccount.Role
LATEST_START = timedelta(days=366)
EARLIEST_START = date(2020, 1, 1)
CHOSEN = (Role.BANK, Role.ADVANCES, Role.DUE, Role.FEES, Role.VENDOR)


class MappingRefused(Exception):
    """The bookkeeping is not turned on. The message says why; `role` is the account at fault, if one is."""

    def __init__(self, message: str, *, role: str = "") -> None:
        super().__init__(message)
        self.role = role


class Choice(NamedTuple):
    """What was chosen: QuickBooks ids by role, "" for one that infactor creates; and the start date."""

    start_on: date
    accounts: Mapping[str, str]


def check(*, chosen: Choice, chart: Chart, today: date) -> dict[str, tuple[str, str]]:
    """The accounts of `chosen` by role, as (id, name), with the receivables. Raises MappingRefused."""
    if not EARLIEST_START <= chosen.start_on <= today + LATEST_START:
        raise MappingRefused(gettext("Choose a start date from 2020 on and within a year from now."), role="start_on")
    found: dict[str, tuple[str, str]] = {}
    currencies: dict[str, str] = {}
    for role in CHOSEN:
        qbk_id = chosen.accounts.get(role, "")
        if not qbk_id:
            if role not in CREATED:
                raise MappingRefused(gettext("Choose the bank account that infactor pays to."), role=role)
            found[role], currencies[role] = ("", new_name(role)), chart.home_currency
            continue
        account = chart.find(role, qbk_id)
        if account is None:
            kind = "vendor" if role == Role.VENDOR else f"account of the type {ROLE_TYPES[role].type}"
            raise MappingRefused(gettext("Choose an active %(kind)s.") % {"kind": kind}, role=role)
        found[role], currencies[role] = (account.id, account.name), account.currency
    _require_distinct(found)
    currency = currencies[Role.BANK]
    if not currency:
        raise MappingRefused(gettext("The company's currency is not known yet. Import the books first."))
    for role in CHOSEN:
        if currencies[role] != currency:
            raise MappingRefused(
                gettext(
                    "“%(found)s” is in %(currencies)s, the bank account in %(currency)s. infactor writes "
                    "in one currency: choose accounts of the same. An account that infactor creates is "
                    "in the home currency, %(home_currency)s."
                )
                % {
                    "found": found[role][1],
                    "currencies": currencies[role],
                    "currency": currency,
                    "home_currency": chart.home_currency,
                },
                role=role,
            )
    receivables = [one for one in chart.of(Role.RECEIVABLES) if one.currency == currency]
    if not receivables:
        raise MappingRefused(gettext("QuickBooks has no accounts receivable in %(currency)s.") % {"currency": currency})
    found[Role.RECEIVABLES] = (receivables[0].id, receivables[0].name)
    return found


def turn_on(*, connection: Connection, chosen: Choice, chart: Chart, by: User, at: datetime) -> BookkeepingSettings:
    """Turn the bookkeeping on, or change its mapping: what is written from now on goes to these accounts.

    Raises NotAllowed unless `by` is an owner of the supplier, MappingRefused.
    """
    require_member(by=by, supplier=connection.supplier, owner=True)
    if connection.status != Connection.Status.CONNECTED:
        raise MappingRefused(NOT_CONNECTED)
    if connection.writes_allowed_at is None:
        raise MappingRefused(NOT_ALLOWED)
    accounts = check(chosen=chosen, chart=chart, today=at.astimezone(connection.supplier.zone).date())
    _require_start_kept(connection, chosen.start_on)
    bank = chart.find(Role.BANK, accounts[Role.BANK][0])
    assert bank is not None  # noqa: S101  checked
    with transaction.atomic():
        settings, _ = BookkeepingSettings.objects.update_or_create(
            connection=connection,
            defaults={
                "start_on": chosen.start_on,
                "currency": bank.currency,
                "turned_on_at": at,
                "turned_on_by": by,
            },
        )
        _replace_accounts(settings, accounts)
        audit.record(
            event="quickbooks.bookkeeping_on",
            subject=settings,
            by=by,
            at=at,
            supplier_id=connection.supplier_id,
            details={
                "start_on": chosen.start_on.isoformat(),
                "accounts": {role: id for role, (id, _) in accounts.items()},
            },
        )
    return settings


def turn_off(*, connection: Connection, by: User, at: datetime) -> bool:
    """Turn it off: what waits is not written any more. Returns whether it was on. Raises NotAllowed."""
    require_member(by=by, supplier=connection.supplier, owner=True)
    with transaction.atomic():
        found = BookkeepingSettings.objects.select_for_update().filter(connection=connection).first()
        if found is None or not found.is_on:
            return False
        found.turned_on_at = found.turned_on_by = None
        found.save()
        Push.objects.filter(
            connection=connection, purpose=Push.Purpose.BOOKKEEPING, state=Push.State.WAITING, attempts=0
        ).update(state=Push.State.FAILED, finished_at=at, error=BOOKKEEPING_OFF)
        audit.record(
            event="quickbooks.bookkeeping_off", subject=found, by=by, at=at, supplier_id=connection.supplier_id
        )
    return True


def _require_start_kept(connection: Connection, start_on: date) -> None:
    """Refuse a later start date than that of what is recorded: its advances are in the books half."""
    settings = BookkeepingSettings.objects.filter(connection=connection).first()
    if settings is None or start_on <= settings.start_on:
        return
    if BookkeepingEntry.objects.filter(connection=connection).exists():
        raise MappingRefused(
            gettext("infactor has booked what happened from %(start_on)s on. Choose this day or an earlier one.")
            % {"start_on": settings.start_on},
            role="start_on",
        )


def _require_distinct(found: Mapping[str, tuple[str, str]]) -> None:
    roles = [role for role in CHOSEN if role != Role.VENDOR and found[role][0]]
    for place, role in enumerate(roles):
        if found[role][0] in {found[earlier][0] for earlier in roles[:place]}:
            raise MappingRefused(
                gettext("“%(found)s” is chosen twice. Choose an account of its own.") % {"found": found[role][1]},
                role=role,
            )


def _replace_accounts(settings: BookkeepingSettings, accounts: Mapping[str, tuple[str, str]]) -> None:
    """Store the mapping. What infactor has created for a role stays, unless another account is chosen."""
    for role, (qbk_id, name) in accounts.items():
        kept = settings.accounts.filter(role=role).first()
        if kept is not None and not qbk_id and kept.push is not None:
            if kept.push.state == Push.State.FAILED and not kept.qbk_id:
                kept.push = None  # asked for again
                kept.save()
            continue
        if kept is None or kept.qbk_id != qbk_id:
            # Two roles may change places: the constraint holds at each step.
            settings.accounts.filter(Q(role=role) | (Q(qbk_id=qbk_id) & ~Q(qbk_id="") & ~Q(role=Role.VENDOR))).delete()
            BookkeepingAccount.objects.create(settings=settings, role=role, qbk_id=qbk_id, name=name)
