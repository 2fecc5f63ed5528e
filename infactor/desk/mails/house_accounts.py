"""What is wrong with house accounts, told to staff once when it begins and ended when it is mended.

An account whose money moves needs statements; one that may not be overdrawn is not; and whoever owes infactor can be
told where to pay.
"""

from collections.abc import Iterator
from datetime import date, datetime

from django.conf import settings
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.urls import reverse

from infactor.banking import bank_days, cash, open_accounts
from infactor.banking.models import AccountAlert, HouseAccount, Statement
from infactor.core import staff_alerts
from infactor.core.business_day import business_day
from infactor.core.staff_alerts import Alert
from infactor.financing import remittance_instructions
from infactor.financing.models import OPEN_STATUSES, Advance

Kind = AccountAlert.Kind
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('infactor.desk.house_accounts', 0))"


def watch(*, at: datetime) -> int:
    """Begin and end alerts by what is so at the moment `at`. Returns how many began. Two at once tell nobody twice."""
    with transaction.atomic():
        # One after the other: what the first has begun, the second finds. The accounts are not locked, as adding up
        # their books takes a while, and nobody could pay or book meanwhile.
        with connection.cursor() as cursor:
            cursor.execute(LOCK)
        known = {(one.kind, one.account_id, one.currency): one for one in AccountAlert.objects.filter(ended_at=None)}
        wrong = {(kind, account and account.pk, currency): account for kind, account, currency in _wrong(at=at)}
        over = [one.pk for key, one in known.items() if key not in wrong]
        AccountAlert.objects.filter(pk__in=over).update(ended_at=at, updated_at=at)
        begun = [
            AccountAlert.objects.create(kind=kind, account=account, currency=currency, began_at=at)
            for (kind, pk, currency), account in wrong.items()
            if (kind, pk, currency) not in known
        ]
        for one in begun:
            _publish(one)
        return len(begun)


def _wrong(*, at: datetime) -> Iterator[tuple[str, HouseAccount | None, str]]:
    """Kind, account and currency of everything that is wrong now."""
    rows = Advance.objects.filter(status__in=OPEN_STATUSES).order_by()
    currencies = set(rows.values_list("currency", flat=True).distinct())
    for account in cash.with_balances(open_accounts.choices().order_by("pk")):
        stated = Statement.objects.filter(account=account, to_date__isnull=False).order_by("-to_date", "-pk").first()
        moves = account.currency in currencies and (account.is_default or account.is_pay_to)
        if moves or cash.in_transit(account=account):
            last = business_day(account.added_at) if stated is None else stated.to_date
            if last is not None and _bank_days_since(account, last, today=business_day(at)) > settings.STATEMENT_DAYS:
                yield Kind.STALE, account, account.currency
        if account.may_be_overdrawn:
            continue
        if account.book_balance < 0:
            yield Kind.OVERDRAWN, account, account.currency
        if stated is not None and stated.closing_balance is not None and stated.closing_balance < 0:
            yield Kind.OVERDRAWN_BY_BANK, account, account.currency
    for currency in sorted(remittance_instructions.without_account(currencies=currencies)):
        yield Kind.NO_PAY_TO, None, currency


def _bank_days_since(account: HouseAccount, last: date, *, today: date) -> int:
    """The bank days after `last`, up to the day before `today`: the statement of today comes tomorrow."""
    days, day = 0, bank_days.next_bank_day(account, last)
    while day < today and days <= settings.STATEMENT_DAYS:
        days, day = days + 1, bank_days.next_bank_day(account, day)
    return days


def _publish(alert: AccountAlert) -> None:
    """Say which account, and where it is looked at: balances are for the page only."""
    page = reverse("admin:banking_houseaccount_changelist")
    if alert.account is not None:
        page = reverse("admin:banking_houseaccount_change", args=[alert.account.pk])
    values = {"alert": alert, "days": settings.STATEMENT_DAYS, "address": staff_alerts.page_address(page)}
    staff_alerts.publish(
        Alert(
            kind=staff_alerts.Kind.HOUSE_ACCOUNTS,
            key=f"desk.house_accounts:{alert.pk}",
            text=lambda: (
                render_to_string("desk/email/house_accounts_subject.txt", values),
                render_to_string("desk/email/house_accounts_message.txt", values),
            ),
        )
    )
