"""Operations keep house accounts, import statements of any format, and match the day's lines on one page."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from infactor.banking import movements
from infactor.banking.models import HouseAccount, Movement, StatementFile, StatementLine
from infactor.core.models import AuditEvent
from infactor.financing.collections import matching_runs
from infactor.financing.collections.payments import record_return
from infactor.financing.models import Advance, Collection
from infactor.ledger import integrity
from tests.support.admin_client import confirm, preview, preview_and_confirm, visible_text
from tests.support.scenarios.financing import NOW, Scenario
from tests.support.statements import bank_file, csv_statement, house_account, import_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
IMPORT = "/admin/banking/statementfile/import/"
MATCHING = "/admin/banking/statementline/matching/"
EMPTY_PARTS = {"form-TOTAL_FORMS": "4", "form-INITIAL_FORMS": "0"} | {
    f"form-{number}-{name}": "advance" if name == "what" else ""
    for number in range(4)
    for name in ("what", "named", "supplier", "amount")
}


@pytest.fixture
def clerk(scenario: Scenario) -> Client:
    client = Client()
    client.force_login(scenario.operations)
    return client


@pytest.fixture
def account(scenario: Scenario) -> HouseAccount:
    return house_account(scenario.operations, scenario.now)


def upload(client: Client, data: bytes, *, account: HouseAccount | None = None, name: str = "s.csv") -> HttpResponse:
    sent = {"file": SimpleUploadedFile(name, data), "account": account.pk if account else ""}
    return client.post(IMPORT, sent, follow=True)  # type: ignore[return-value]


def page_of(row: HouseAccount | StatementFile | StatementLine, name: str) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=[row.pk])


def work() -> None:
    for run_id in matching_runs.unfinished(at=NOW):
        matching_runs.work(run_id=run_id, at=NOW)


def import_lines(scenario: Scenario, account: HouseAccount, *lines: str) -> list[StatementLine]:
    data = csv_statement(*(f"{scenario.today};{line}" for line in lines))
    import_file(data, account=account, by=scenario.operations, at=scenario.now)
    return list(StatementLine.objects.order_by("pk"))


def test_an_account_is_added_opened_and_shown_without_its_number(scenario: Scenario, clerk: Client) -> None:
    added = confirm(
        clerk,
        "/admin/banking/houseaccount/add/",
        name="Operating",
        currency="USD",
        bank_name="Bank of Examples",
        account_number="000123456789",
    )
    assert added.status_code == 302
    account = HouseAccount.objects.get()
    assert account.account_number == "000123456789"
    opened = confirm(clerk, page_of(account, "opening"), balance="5000.00", value_date="2026-11-01")
    assert opened.status_code == 302
    moved = confirm(clerk, page_of(account, "move"), kind="charge", amount="-15.00", value_date="2026-11-02")
    assert moved.status_code == 302
    page = clerk.get(page_of(account, "change")).content.decode()
    assert "000123456789" not in page
    assert "••••6789" in page
    assert "$4,985.00" in page
    assert Movement.objects.count() == 2
    assert set(AuditEvent.objects.values_list("event", flat=True)) >= {"house_account.opened", "movement.recorded"}
    assert "no statement yet" in visible_text(clerk.get(page_of(account, "reconcile")))  # type: ignore[arg-type]


def test_a_file_is_looked_at_before_anything_is_kept_and_refused_lines_are_named(
    scenario: Scenario, clerk: Client, account: HouseAccount
) -> None:
    shown = upload(clerk, bank_file("two_accounts.csv"), account=account)
    text = visible_text(shown)
    assert "Decimal sign Point" in text
    assert "line 8 “31.11.2026” is no day of the calendar in the order of this file." in text
    assert "line 4 This is of the account ending in 9999, USD, which is no house account." in text
    assert not StatementLine.objects.exists()
    file = StatementFile.objects.get()
    done = visible_text(clerk.get(confirm(clerk, page_of(file, "confirm"))["Location"]))  # type: ignore[arg-type]
    assert "2 new lines imported, 0 known before." in done
    assert "line 9 It has 2 columns; the header has 8." in done
    assert StatementLine.objects.count() == 2
    again = visible_text(upload(clerk, bank_file("two_accounts.csv"), account=account))
    assert "Imported before" in again
    assert "No line is new." in again


def test_what_the_file_does_not_decide_is_asked_once_and_saved_with_the_account(
    scenario: Scenario, clerk: Client, account: HouseAccount
) -> None:
    asked = upload(clerk, bank_file("us_ambiguous_days.csv"), account=account)
    text = visible_text(asked)
    assert "The file does not decide this." in text
    assert "line 2 11/02/2026 Payment INV-1 100.00" in text
    file = StatementFile.objects.get()
    assert clerk.get(page_of(file, "confirm")).status_code == 302
    choices = {
        "encoding": "utf-8",
        "delimiter": ",",
        "decimal_sign": ".",
        "date_order": "mdy",
        "column_0": "value_date",
        "column_1": "remittance",
        "column_2": "amount",
    }
    wrong = visible_text(confirm(clerk, page_of(file, "layout"), **{**choices, "column_2": ""}))
    assert "Say which column is the amount" in wrong
    assert confirm(clerk, page_of(file, "layout"), **choices).status_code == 302
    assert confirm(clerk, page_of(file, "confirm")).status_code == 302
    assert [str(line.value_date) for line in StatementLine.objects.order_by("value_date")] == [
        "2026-10-12",
        "2026-11-02",
    ]
    later = visible_text(upload(clerk, bank_file("us_ambiguous_days.csv"), account=account))
    assert "Month, day, year" in later


def test_a_file_that_is_no_statement_is_refused_beside_its_field(clerk: Client, account: HouseAccount) -> None:
    assert "This file is empty" in visible_text(upload(clerk, b" ", account=account))
    assert "another format" in visible_text(upload(clerk, b"PK\x03\x04", account=account))
    assert "Choose the house account" in visible_text(upload(clerk, b"a,b\n1,2\n"))
    assert "defines entities" in visible_text(upload(clerk, bank_file("camt_with_entity.xml")))
    assert not StatementFile.objects.exists()


def test_certain_lines_are_accepted_with_one_button_and_the_rest_is_listed_with_reasons(
    scenario: Scenario, clerk: Client, account: HouseAccount
) -> None:
    one = scenario.funded(scenario.invoice(scenario.buyer("A"), invoice_no="INV-1"))
    import_lines(scenario, account, "1000.00;;A;INV-1;", "5.00;;<script>alert(1)</script>;?;", "-15.00;;Bank;fee;")
    assert clerk.post(MATCHING, {"find": "Look again"}).status_code == 302
    waiting = clerk.get(MATCHING)
    assert waiting.headers["Refresh"] == "3"
    assert "0 of 3 lines" in visible_text(waiting)  # type: ignore[arg-type]
    work()
    page = clerk.get(MATCHING)
    text = visible_text(page)  # type: ignore[arg-type]
    assert "Accept 1 certain line" in text
    assert f"A{one.pk}, invoice INV-1" in text
    assert "<script>alert(1)" not in page.content.decode()
    clerk.post(MATCHING, {"accept": "Accept"})
    work()
    one.refresh_from_db()
    assert one.status == Advance.Status.COLLECTED
    text = visible_text(clerk.get(MATCHING))  # type: ignore[arg-type]
    assert "No line is certain." in text
    assert "To match by hand USD 1 $5.00" in text
    home = visible_text(clerk.get("/admin/"))  # type: ignore[arg-type]
    assert "Statement lines to match 1" in home
    assert "Debits to explain 1" in home


def test_a_line_is_matched_by_ticking_open_invoices_and_the_remainder_is_shown(
    scenario: Scenario, clerk: Client, account: HouseAccount
) -> None:
    buyer = scenario.buyer("A")
    one, two = (scenario.funded(scenario.invoice(buyer, invoice_no=name)) for name in ("INV-1", "INV-2"))
    (line,) = import_lines(scenario, account, "2100.00;;A Inc;INV-1;")
    address = page_of(line, "match")
    opened = clerk.get(address).content.decode()
    assert f'value="{one.pk}" ' in opened
    assert "invoice INV-2, A, Larkspur Coffee Roasters: $1,000.00 open" in opened
    typed = {**EMPTY_PARTS, "advances": [one.pk, two.pk], "find": ""}
    assert "Waits to be matched - - $100.00" in visible_text(preview(clerk, address, **typed))
    assert preview_and_confirm(clerk, address, **typed).status_code == 302
    collection = Collection.objects.get()
    assert collection.statement_line == line
    assert sorted(collection.allocations.values_list("amount", flat=True)) == [Decimal(1000), Decimal(1000)]
    assert clerk.get(address).status_code == 302
    assert integrity.verify(at=scenario.now).findings == []


def test_a_line_that_looks_like_a_typed_payment_is_recorded_when_a_person_says_that_it_is_another(
    scenario: Scenario, clerk: Client, account: HouseAccount
) -> None:
    typed = scenario.pay(None, "70", bank_reference="W/1", payer="Northwind Inc.")
    (line,) = import_lines(scenario, account, "70.00;w-1;NORTHWIND;;")
    address, empty = page_of(line, "match"), {**EMPTY_PARTS, "find": ""}
    opened = visible_text(clerk.get(address))  # type: ignore[arg-type]
    assert "Recorded already? These payments look like it" in opened
    shown = visible_text(preview_and_confirm(clerk, address, **empty))
    assert f"It looks like payment {typed.pk}: the same amount and reference, on the same day." in shown
    assert preview_and_confirm(clerk, address, **empty, is_another="on").status_code == 302
    assert (Collection.objects.get(statement_line=line).is_another, Collection.objects.count()) == (True, 2)
    assert integrity.verify(at=scenario.now).findings == []


def test_money_that_is_in_the_books_already_is_asked_about_and_can_be_confirmed_although_it_was_undone(
    scenario: Scenario, clerk: Client, account: HouseAccount
) -> None:
    payment = scenario.pay(None, "90")
    again, back = import_lines(scenario, account, "90.00;X-2;Somebody;;", "-90.00;X-3;Bank;return;")
    opened = visible_text(clerk.get(page_of(again, "match")))  # type: ignore[arg-type]
    assert "the same amount, on no statement yet" in opened
    record_return(collection=payment, value_date=scenario.today, reason="R01", by=scenario.operations, at=scenario.now)
    for line in (again, back):
        form = clerk.get(page_of(line, "booked")).context["form"]
        ((entry, label),) = form.fields["entries"].choices
        assert label.endswith(", undone since") is (line == again)
        assert confirm(clerk, page_of(line, "booked"), entries=[entry]).status_code == 302
    assert integrity.verify(at=scenario.now).findings == []


def test_a_line_is_explained_confirmed_or_called_the_same_as_another(
    scenario: Scenario, clerk: Client, account: HouseAccount
) -> None:
    movements.record(
        account=account,
        kind=Movement.Kind.FACILITY,
        amount=Decimal(-850),
        value_date=scenario.today,
        note="",
        by=scenario.operations,
        at=scenario.now,
    )
    fee, repaid, twice, again = import_lines(
        scenario, account, "-15.00;;Bank;fee;", "-850.00;;Lender;repaid;", "70.00;R;A;x;ID-1", "70.00;R;A;x;ID-2"
    )
    assert "House accounts below zero 1" in visible_text(clerk.get("/admin/"))  # type: ignore[arg-type]
    assert confirm(clerk, page_of(fee, "explain"), kind="charge").status_code == 302
    (entry,) = [value for value, _ in clerk.get(page_of(repaid, "booked")).context["form"].fields["entries"].choices]
    assert confirm(clerk, page_of(repaid, "booked"), entries=[entry]).status_code == 302
    same = confirm(clerk, page_of(again, "duplicate"), same_as=twice.pk, reason="Both formats imported")
    assert same.status_code == 302
    assert confirm(clerk, page_of(again, "reopen"), reason="They are two payments").status_code == 302
    assert list(StatementLine.objects.order_by("pk").values_list("status", flat=True)) == [
        "matched",
        "matched",
        "waiting",
        "waiting",
    ]
    text = visible_text(clerk.get(page_of(account, "reconcile"), {"on": "2026-11-02"}))  # type: ignore[arg-type]
    assert text.count("To be matched Nov 2, 2026") == 2
    assert integrity.verify(at=scenario.now).findings == []


def test_payment_details_are_checked_field_by_field_and_the_page_says_which_files_can_be_written(
    clerk: Client, account: HouseAccount
) -> None:
    address = page_of(account, "payment_details")
    shown = visible_text(clerk.get(page_of(account, "change")))  # type: ignore[arg-type]
    assert "Cannot write: this account has no originator id." in shown
    assert "Federal Reserve (banks in the United States)" in shown
    details = {"originator_id": "1234567890", "originator_name": "Infactor LLC", "holiday_calendar": "FED"}
    for wrong, said in (
        ({"bic": "NOBIC"}, "This is not a BIC."),
        ({"country": "ZZ"}, "This is no country."),
        ({"originating_dfi": "091000018"}, "This is not a routing number."),
        ({"holiday_subdivision": "NY"}, "This holiday calendar is the same in every state or region."),
        ({"holiday_calendar": "", "holiday_subdivision": "NY"}, "Choose the calendar that this state or region"),
        ({"holiday_calendar": "Mars"}, "Select a valid choice."),
        ({"cut_off": "25:00"}, "Enter a valid time."),
        (
            {"payment_format": "nacha"},
            "this account has no valid routing number of the originating bank.",
        ),
    ):
        assert said in visible_text(confirm(clerk, address, **{**details, **wrong})), said  # type: ignore[arg-type]
    good = {"routing_number": "091000019", "payment_format": "nacha", "country": "us", "cut_off": "16:00"}
    assert confirm(clerk, address, **details, **good).status_code == 302
    account.refresh_from_db()
    assert (account.payment_format, account.country, str(account.cut_off)) == ("nacha", "US", "16:00:00")
    after = visible_text(clerk.get(page_of(account, "change")))  # type: ignore[arg-type]
    assert "NACHA (ACH credits in US dollars) Yes" in after
    assert "Nov 11, 2026 Veterans Day" in after
    event = AuditEvent.objects.get(event="house_account.payment_details_changed")
    assert event.details == {
        "fields": ["country", "cut_off", "originator_id", "originator_name", "payment_format", "routing_number"]
    }


def test_the_iban_of_an_account_says_its_country(scenario: Scenario, clerk: Client) -> None:
    euro = house_account(scenario.operations, scenario.now, currency="EUR", number="DE89370400440532013000")
    address = page_of(euro, "payment_details")
    assert "The IBAN of this account is of DE." in visible_text(confirm(clerk, address, country="FR"))
    assert confirm(clerk, address, originator_name="Infactor", payment_format="pain001").status_code == 302
    euro.refresh_from_db()
    assert euro.country == "DE"
