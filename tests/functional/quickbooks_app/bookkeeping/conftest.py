"""Fixtures of the bookkeeping: an imported company whose supplier has turned it on, and invoices to finance."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.apps import apps

from infactor.financing.models import Advance
from infactor.invoices.models import Invoice
from infactor.users.models import User
from quickbooks_app.bookkeeping import chart, entries, mapping
from quickbooks_app.bookkeeping.mapping import Choice
from quickbooks_app.models import BookkeepingEntry, BookkeepingSettings, Connection
from quickbooks_app.sync import refetch
from tests.functional.quickbooks_app.pushes.conftest import (  # noqa: F401  fixtures
    company,
    imported,
    module_import,
    seeded,
    staff_client,
)
from tests.functional.quickbooks_app.pushes.test_pushes import work
from tests.functional.quickbooks_app.sync.conftest import Company, Imported
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario, build_scenario

BANK = "35"
START = date(2026, 10, 1)
BEFORE = datetime(2026, 10, 1, tzinfo=UTC)


@dataclass
class Books:
    """The company with its bookkeeping on, and the supplier's financing."""

    company: Company
    connection: Connection
    scenario: Scenario

    @property
    def settings(self) -> BookkeepingSettings:
        return BookkeepingSettings.objects.get(connection=self.connection)

    def invoice(self, face: str = "10000.00") -> Invoice:
        """An invoice in QuickBooks that infactor has read."""
        made = self.company.bill(amount=face)
        refetch.refetch_objects(connection=self.connection, entity="Invoice", ids=[made["Id"]], now=self.company.clock)
        invoice = Invoice.objects.get(qbk_invoice_id=made["Id"])
        Invoice.objects.filter(pk=invoice.pk).update(
            txn_date=self.scenario.today - timedelta(days=5), payable_date=self.scenario.today + timedelta(days=40)
        )
        invoice.refresh_from_db()
        return invoice

    def fund(self, face: str = "10000.00") -> Advance:
        """An advance whose payout has arrived."""
        advance = self.scenario.funded(self.invoice(face))
        money_out.confirm_all(self.scenario)
        return advance

    def work(self, *, hours: int = 0) -> None:
        """Let the sweep and the worker write what is due, for some hours."""
        for _ in range(3):  # accounts first, then entries, then what waited for them
            entries.request_due(connection_id=self.connection.pk, at=self.company.clock())
            work(self.company, hours=hours)

    def balances(self) -> dict[str, Decimal]:
        """The balances of the mapped accounts in QuickBooks' trial balance, debits positive."""
        report = self.company._json(
            "GET",
            "/reports/TrialBalance",
            params={"start_date": "1970-01-01", "end_date": "2099-12-31", "accounting_method": "Accrual"},
        )
        rows = [row["ColData"] for row in report["Rows"]["Row"] if "ColData" in row]
        by_id = {row[0].get("id"): Decimal(row[1]["value"] or 0) - Decimal(row[2]["value"] or 0) for row in rows}
        totals = [row["Summary"]["ColData"] for row in report["Rows"]["Row"] if "Summary" in row][-1]
        assert Decimal(totals[1]["value"]) == Decimal(totals[2]["value"]), "the books balance"
        found = {one.role: by_id.get(one.qbk_id, Decimal(0)) for one in self.settings.accounts.all()}
        # A trial balance begins expenses anew each year; the account itself does not.
        fees = self.settings.accounts.get(role="fees").qbk_id
        found["fees"] = Decimal(str(self.company.read("Account", fees)["CurrentBalance"]))
        return found

    def open_of(self, advance: Advance) -> Decimal:
        return Decimal(str(self.company.read("Invoice", advance.invoice.qbk_invoice_id)["Balance"]))

    def entry(self, kind: str) -> BookkeepingEntry:
        return BookkeepingEntry.objects.select_related("push").get(kind=kind)

    def entries(self) -> list[BookkeepingEntry]:
        return list(BookkeepingEntry.objects.order_by("pk").select_related("push"))

    def states(self) -> list[tuple[str, str]]:
        rows = BookkeepingEntry.objects.order_by("pk").select_related("push")
        return [(one.kind, one.push.state if one.push else one.blocker or "-") for one in rows]


@pytest.fixture(scope="module")
def prepare() -> Callable[[Company, Connection], Scenario]:
    """The supplier of the connection is approved, has terms, and its owner has turned the bookkeeping on."""

    def turned_on(company: Company, connection: Connection) -> Scenario:  # noqa: F811
        scenario = build_scenario()
        scenario.terms(min_paid_invoices=0, dilution_warning_pct=Decimal(100), dilution_stop_pct=Decimal(100))
        move_to(connection, scenario)
        made = books_of(company, connection.pk, scenario)
        turn_on(made)
        made.work()
        return scenario

    return turned_on


@pytest.fixture
def books(imported: Connection, company: Company, module_import: Imported) -> Books:  # noqa: F811
    """The company as `prepare` left it, for one test to change."""
    return books_of(company, imported.pk, copy.deepcopy(module_import.prepared))


def books_of(company: Company, connection_id: int, scenario: Scenario) -> Books:  # noqa: F811
    connection = Connection.objects.select_related("company_file", "supplier").get(pk=connection_id)
    return Books(company, connection, scenario)


def move_to(connection: Connection, scenario: Scenario) -> None:
    """Give the imported company to the supplier of the scenario."""
    for model in apps.get_models():
        if model._meta.app_label == "invoices" and any(field.name == "supplier" for field in model._meta.fields):
            model.objects.filter(supplier=connection.supplier_id).update(supplier=scenario.supplier)
    Connection.objects.filter(pk=connection.pk).update(supplier=scenario.supplier, writes_allowed_at=BEFORE)


def turn_on(books: Books, *, start_on: date = START, by: User | None = None, **accounts: str) -> BookkeepingSettings:
    found = chart.read_chart(connection=books.connection, now=books.company.clock, is_fresh=True)
    return mapping.turn_on(
        connection=books.connection,
        chosen=Choice(start_on, {"bank": BANK, **accounts}),
        chart=found,
        by=by or books.scenario.owner,
        at=books.company.clock(),
    )
