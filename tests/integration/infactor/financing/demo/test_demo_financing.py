"""The demo company of `make run` shows every kind of financing, and its ledger reconciles."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import call_command
from django.db.models import Count
from django.utils import timezone
from pytest_django.fixtures import Settings

from infactor.core.models import AuditEvent, OutgoingMail
from infactor.financing.demo.books import DemoBooks
from infactor.financing.demo.content import BooksContent
from infactor.financing.demo.context import ScenarioContext
from infactor.financing.demo.dates import DemoCalendar
from infactor.financing.demo.participants import Participants
from infactor.financing.eligibility.catalogue import Rule
from infactor.financing.management.commands import demo_financing
from infactor.financing.models import (
    Advance,
    Approval,
    Case,
    Collection,
    CollectionAllocation,
    Eligibility,
    EligibilityRecalculation,
    Offer,
    Payout,
    RequestLine,
)
from infactor.invoices.models import Buyer, CompanyFile, Invoice
from infactor.invoices.states import BooksStatus, State
from infactor.ledger import integrity
from infactor.suppliers.management.commands import demo_accounts
from infactor.suppliers.models import Application, BankAccount, Notification, Supplier
from infactor.users.models import User
from infactor.verification.models import Verification


@pytest.fixture
def accounts(db: None, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The demo accounts on an empty database, and the file with their logins."""
    settings.LOCAL_MODE = True
    settings.QUICKBOOKS_ENVIRONMENT = "sandbox"  # another QuickBooks than that of this machine, so no books are opened
    monkeypatch.setattr(demo_accounts, "VAR_DIR", tmp_path)
    call_command("demo_accounts")
    return tmp_path / "demo-logins.txt"


STATES = ("prepared", "approved", "sent", "confirmed", "returned", "replaced")


def demo_supplier() -> Supplier:
    return Supplier.objects.get(members__email=demo_accounts.ESTABLISHED_EMAIL)


# The scenario can be played on any day: just after midnight, before clocks go on, with a leap day behind it.
@time_machine.travel(datetime(2028, 3, 12, 8, 5, tzinfo=UTC))
def test_the_story_holds_every_kind_of_thing_with_books_in_order_and_is_told_once(accounts: Path) -> None:
    call_command("demo_financing")

    supplier = demo_supplier()
    assert not missing(supplier)
    assert unexpected_deciding_rules(supplier) == {}
    assert not unexpected_states(supplier)
    assert integrity.verify(at=timezone.now()).findings == []

    told = AuditEvent.objects.count(), Invoice.objects.count(), OutgoingMail.objects.count()
    CompanyFile.objects.update(as_of=timezone.now() - timedelta(days=9))
    call_command("demo_financing")
    assert timezone.now() - CompanyFile.objects.get().as_of < timedelta(minutes=1), "a later start finds old books"
    assert (AuditEvent.objects.count(), Invoice.objects.count(), OutgoingMail.objects.count()) == told


def missing(supplier: Supplier) -> list[str]:
    """What the demo should create and does not."""
    advances = Advance.objects.filter(supplier=supplier)
    offers = Offer.objects.filter(supplier=supplier)
    at = timezone.now()
    kinds = {
        "an approved company": Application.objects.filter(supplier=supplier, status="approved"),
        "a change of account that waits": BankAccount.objects.filter(supplier=supplier, status="waiting"),
        "a rebate": advances.filter(status="settled", rebate__gt=0),
        "two settled invoices of one offer": advances.filter(status="settled")
        .annotate(together=Count("offer_line__offer__lines"))
        .filter(together=2),
        "bought back after recourse": advances.filter(status="repurchased", cases__kind=Case.Kind.RECOURSE),
        "an open dispute": advances.filter(status="funded", cases__kind="dispute", cases__closed_at=None),
        "paid in part": advances.filter(status="funded", allocations__kind=CollectionAllocation.Kind.ADVANCE),
        "paid, waiting to be settled": advances.filter(status="collected"),
        "accepted and not funded": advances.filter(status="accepted"),
        "offered by the house": offers.filter(status="accepted", offered_by=None),
        "offered by staff": offers.filter(status="accepted", offered_by__isnull=False),
        "an offer that waits for days": offers.filter(status="proposed", expires_at__gt=at),
        "an expired offer": offers.filter(status="expired"),
        "a request for a price": RequestLine.objects.filter(supplier=supplier, status="waiting"),
        "a declined request": RequestLine.objects.filter(supplier=supplier, status="refused").exclude(reason=""),
        "passed on": Payout.objects.filter(supplier=supplier, purpose="surplus"),
        **{f"a payout that is {one}": Payout.objects.filter(supplier=supplier, status=one) for one in STATES},
        "a payout sent again": Payout.objects.filter(supplier=supplier, replaces__status="replaced"),
        "money nobody has matched": Collection.objects.filter(allocations__isnull=True),
        "paid out by two people": Approval.objects.filter(kind="fund", decision="approved"),
        "waiting for a second person": Approval.objects.filter(kind="fund", decided_at=None),
        "confirmed by phone": Verification.objects.filter(supplier=supplier, status="confirmed", channel="phone"),
        "confirmed by link": Verification.objects.filter(supplier=supplier, status="confirmed", channel="link"),
        "a buyer who is being asked": Verification.objects.filter(supplier=supplier, status="sent", expires_at__gt=at),
        "rejected by its buyer": Invoice.objects.for_supplier(supplier).filter(state=State.REJECTED),
        "ready to be financed": Eligibility.objects.filter(supplier=supplier, decision="eligible"),
        "one step away": Eligibility.objects.filter(supplier=supplier, decision="needs_action"),
        "recalculated": EligibilityRecalculation.objects.filter(supplier=supplier, as_of__isnull=False),
    }
    return [name for name, rows in kinds.items() if not rows.exists()]


def unexpected_deciding_rules(supplier: Supplier) -> dict[str, str]:
    """Invoices that are stopped by another rule than the demo intends, with that rule."""
    means = {
        "1055": Rule.AGE_AT_PURCHASE,
        "1061": Rule.DAYS_TO_DUE,
        "1064": Rule.DISPUTED,
        "1065": Rule.CROSS_AGING,
        "1072": Rule.CONCENTRATION,
        "1073": Rule.BUSINESS_BUYER,
        "1074": Rule.BUYER_EMAIL,
        "1075": Rule.PAYMENT_HISTORY,
        "1077": Rule.MINIMUM_AMOUNT,
    }
    rows = Eligibility.objects.filter(supplier=supplier, invoice__invoice_no__in=means)
    found = dict(rows.values_list("invoice__invoice_no", "deciding_rule"))
    return {number: found.get(number, "") for number, rule in means.items() if found.get(number) != rule}


def unexpected_states(supplier: Supplier) -> list[str]:
    """States that a visitor should not find."""
    mails = OutgoingMail.objects.filter(supplier_id=supplier.pk)
    paid = Invoice.objects.for_supplier(supplier).filter(books_status=BooksStatus.PAID)
    at = timezone.now()
    unread = Notification.objects.filter(supplier=supplier, read_at=None)
    return [
        name
        for name, is_so in {
            "mails wait to be sent": mails.filter(sent_at=None).exists() or not mails.exists(),
            "something happens in the future": AuditEvent.objects.filter(at__gt=at).exists(),
            "the history is unread": not 0 < unread.count() < 10,
            "old news is unread": unread.filter(created_at__lt=at - timedelta(days=7)).exists(),
            "news are of today": unread.filter(created_at__gt=at - timedelta(hours=6)).exists(),
            "too few buyers with a history": Buyer.objects.filter(invoices__in=paid).distinct().count() < 8,
            "too few invoices": Invoice.objects.for_supplier(supplier).count() < 60,
            "the other company is not new": Application.objects.exclude(supplier=supplier).exists(),
        }.items()
        if is_so
    ]


def test_money_moves_on_infactors_day_wherever_the_supplier_is(accounts: Path) -> None:
    calendar = DemoCalendar(date(2026, 11, 30), ZoneInfo("Pacific/Honolulu"))
    books = DemoBooks(company_file=CompanyFile(), content=BooksContent((), (), (), ()))
    context = ScenarioContext(Participants(*User.objects.all()[:4]), demo_supplier(), books, calendar)
    context.move_to(day=0, hour=20)
    assert (context.supplier_day, context.value_date) == (date(2026, 11, 30), date(2026, 12, 1))


def test_each_login_is_told_with_its_password(accounts: Path) -> None:
    printed = accounts.read_text()
    assert printed.count(f"password {demo_accounts.PASSWORD}") == len(demo_accounts.LOGINS)
    for email in User.objects.values_list("email", flat=True):
        assert email in printed


def test_no_story_is_told_outside_of_local_mode_or_where_no_demo_company_is(accounts: Path, settings: Settings) -> None:
    settings.LOCAL_MODE = False
    call_command(demo_financing.Command())
    settings.LOCAL_MODE = True
    Supplier.objects.get(members__email=demo_accounts.ESTABLISHED_EMAIL).memberships.all().delete()
    call_command(demo_financing.Command())
    assert not Invoice.objects.exists()
    assert not Application.objects.exists()
