"""The home page shows totals and ages for each currency, and the newest invoices."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from infactor.dashboard.home.calendar import calendar_lines
from infactor.dashboard.home.expected_cash import expected_cash
from infactor.dashboard.home.todo import Event
from infactor.dashboard.home.views import aging_chart, cash_chart
from infactor.invoices import selectors
from infactor.invoices.models import CompanyFile
from infactor.suppliers.models import Supplier
from tests.support.factories.suppliers import BuyerFactory, CompanyFileFactory, InvoiceFactory

TODAY = date(2026, 11, 20)
pytestmark = pytest.mark.django_db


def invoice(supplier: Supplier, **fields: object) -> object:
    return InvoiceFactory(buyer=BuyerFactory(company_file=CompanyFileFactory(supplier=supplier)), **fields)


def test_home_without_invoices_says_so_and_offers_the_one_action(member: Client) -> None:
    page = member.get(reverse("dashboard:home")).content.decode()
    assert "Get your first advance" in page
    assert "1 of 5 done" in page, "nobody gets here without a confirmed address"
    assert reverse("quickbooks:home") in page


def test_home_asks_for_the_connection_and_fills_by_itself(member: Client) -> None:
    page = member.get(reverse("dashboard:home")).content.decode()
    assert f'hx-get="{reverse("quickbooks:card")}"' in page
    assert f'hx-get="{reverse("dashboard:home_figures")}?connecting=1" hx-trigger="books-changed from:body"' in page


def test_the_checklist_ticks_the_connection_once_the_first_import_is_complete(
    member: Client, supplier: Supplier
) -> None:
    address = f"{reverse('dashboard:home_figures')}?connecting=1"
    file = CompanyFileFactory(supplier=supplier, as_of=None)
    assert 'id="checklist"' not in member.get(address).content.decode(), "the card shows how far it has come"
    CompanyFile.objects.filter(pk=file.pk).update(as_of=timezone.now())
    part = member.get(address).content.decode()
    assert '<div id="checklist" hx-swap-oob="true">' in part
    assert "2 of 5 done" in part
    assert '<div class="footnote-card" id="connection" hx-swap-oob="true">' in part
    assert 'id="checklist"' not in member.get(reverse("dashboard:home_figures")).content.decode()


def test_two_currencies_never_share_a_sum(supplier: Supplier) -> None:
    invoice(supplier, currency="USD", balance=Decimal("100.10"))
    invoice(supplier, currency="USD", balance=Decimal("200.20"))
    invoice(supplier, currency="EUR", balance=Decimal("1000.00"))
    found = {one.currency: one.open for one in selectors.currency_summaries(supplier=supplier, today=TODAY)}
    assert found == {
        "USD": selectors.Totals(2, Decimal("300.30")),
        "EUR": selectors.Totals(1, Decimal("1000.00")),
    }


@pytest.mark.parametrize(
    ("days_late", "bucket"),
    [(0, None), (-1, None), (1, 1), (30, 1), (31, 31), (60, 31), (61, 61), (90, 61), (91, 91), (900, 91)],
)
def test_an_open_invoice_stands_in_exactly_one_age(supplier: Supplier, days_late: int, bucket: int | None) -> None:
    invoice(supplier, payable_date=TODAY - timedelta(days=days_late), balance=Decimal("10.00"))
    (summary,) = selectors.currency_summaries(supplier=supplier, today=TODAY)
    ages = {start: sums.count for start, _, sums in summary.aging if sums.count}
    assert ages == ({bucket: 1} if bucket else {})
    assert summary.not_due.count == (0 if bucket else 1)


def test_ages_and_what_has_none_add_up_to_what_is_open(supplier: Supplier) -> None:
    for days in (-400, -31, -1, 0, 1, 15, 45, 75, 95, 365):
        invoice(supplier, payable_date=TODAY - timedelta(days=days), balance=Decimal("10.01"))
    invoice(supplier, payable_date=None, balance=Decimal("5.00"))
    invoice(supplier, payable_date=TODAY, balance=Decimal("0.00"), books_status="paid")
    invoice(supplier, payable_date=TODAY, balance=Decimal("7.00"), books_status="deleted")
    (summary,) = selectors.currency_summaries(supplier=supplier, today=TODAY)
    chart = aging_chart(summary)
    assert chart is not None
    assert (chart.total, chart.count) == (summary.open.amount, summary.open.count) == (Decimal("105.10"), 11)


def test_an_amount_that_cannot_be_read_stands_in_no_sum_and_is_told(member: Client, supplier: Supplier) -> None:
    invoice(supplier, balance=None, invoice_amount=None)
    (summary,) = selectors.currency_summaries(supplier=supplier, today=TODAY)
    assert (summary.unreadable, summary.open.amount) == (1, Decimal(0))
    assert "unreadable amount" in member.get(reverse("dashboard:home")).content.decode()


def test_the_chart_shows_credits_without_a_bar(supplier: Supplier) -> None:
    invoice(supplier, balance=Decimal("-50.00"), payable_date=None)
    invoice(supplier, balance=Decimal("50.00"), payable_date=TODAY)
    (summary,) = selectors.currency_summaries(supplier=supplier, today=TODAY)
    chart = aging_chart(summary)
    assert chart is not None
    assert {bar.label: bar.width for bar in chart.bars if bar.amount} == {
        "Not due yet": Decimal("100.0"),
        "No due date": Decimal(0),
    }


def test_the_ages_are_shown_while_anything_is_open(member: Client, supplier: Supplier) -> None:
    invoice(supplier, balance=Decimal("10.00"), payable_date=TODAY + timedelta(days=900))
    assert "Open invoices by age" in member.get(reverse("dashboard:home")).content.decode()


def test_the_figures_alone_are_a_part_of_the_page(member: Client, supplier: Supplier) -> None:
    invoice(supplier, invoice_no="INV-77")
    part = member.get(reverse("dashboard:home_figures")).content.decode()
    assert "INV-77" in part
    assert "<html" not in part


def test_home_asks_few_questions_however_many_invoices(
    member: Client, supplier: Supplier, django_assert_max_num_queries: object
) -> None:
    for number in range(30):
        invoice(supplier, invoice_no=str(number))
    with django_assert_max_num_queries(15):  # type: ignore[operator]
        member.get(reverse("dashboard:home"))


def test_the_newest_come_first_and_deleted_ones_stay_out(member: Client, supplier: Supplier) -> None:
    invoice(supplier, invoice_no="OLD-1", txn_date=date(2026, 1, 1))
    invoice(supplier, invoice_no="NEW-1", txn_date=date(2026, 11, 1))
    invoice(supplier, invoice_no="GONE-1", txn_date=date(2026, 11, 2), books_status="deleted")
    page = member.get(reverse("dashboard:home")).content.decode()
    assert page.index("NEW-1") < page.index("OLD-1")
    assert "GONE-1" not in page


def test_a_currency_in_which_nothing_is_owed_has_no_band(member: Client, supplier: Supplier) -> None:
    invoice(supplier, currency="USD", balance=Decimal("10.00"))
    invoice(supplier, currency="EUR", balance=Decimal(0), books_status="paid")
    page = member.get(reverse("dashboard:home")).content.decode()
    assert "Receivables, USD" in page
    assert "EUR" not in page


def test_expected_cash_stands_in_the_week_of_its_due_date_and_the_overdue_in_none(supplier: Supplier) -> None:
    for days, amount in ((-1, "1.00"), (0, "10.00"), (6, "20.00"), (7, "40.00"), (83, "80.00"), (84, "160.00")):
        invoice(supplier, payable_date=TODAY + timedelta(days=days), balance=Decimal(amount))
    invoice(supplier, payable_date=TODAY, balance=Decimal("5.00"), books_status="paid")
    invoice(supplier, payable_date=TODAY, balance=Decimal("-7.00"))
    weeks = expected_cash(supplier=supplier, positions=[], funded_advances=[], today=TODAY)
    (found,) = weeks.values()
    assert [(week.start, week.total) for week in found if week.total] == [
        (TODAY, Decimal("30.00")),
        (TODAY + timedelta(days=7), Decimal("40.00")),
        (TODAY + timedelta(days=77), Decimal("80.00")),
    ]
    chart = cash_chart("USD", found)
    assert chart.total == Decimal("150.00")
    assert max(column.lower_height for column in chart.columns) == chart.columns[11].lower_height > 0


def test_a_calendar_escapes_and_folds_what_others_wrote() -> None:
    event = Event(TODAY, "Offer expires", "A,B;C\n" + "\N{PILE OF POO}" * 40, "/x/")
    text = "".join(calendar_lines([event], at=datetime(2026, 11, 20, tzinfo=UTC), host="infactor.example"))
    assert "DTSTART;VALUE=DATE:20261120\r\nDTEND;VALUE=DATE:20261121\r\n" in text
    assert "A\\,B\\;C\\n" in text
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    assert text.replace("\r\n ", "").count("\N{PILE OF POO}") == 40


def test_a_supplier_downloads_its_calendar(member: Client) -> None:
    answer = member.get(reverse("dashboard:calendar"))
    assert answer["Content-Type"].startswith("text/calendar")
    assert answer.content.startswith(b"BEGIN:VCALENDAR\r\n")
