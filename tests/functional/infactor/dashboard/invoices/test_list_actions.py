"""Chips with counts, saved views, columns, XLSX, and what a selection brings; each person's own."""

from datetime import date
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.test import Client

from infactor.dashboard.models import SavedView
from infactor.financing.eligibility import recalculation
from infactor.suppliers.models import Supplier
from tests.support.admin_client import visible_text
from tests.support.factories.suppliers import (
    BuyerFactory,
    CompanyFileFactory,
    InvoiceFactory,
    MembershipFactory,
    UserFactory,
)
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db
LIST = "/invoices/"


@pytest.fixture
def invoices(supplier: Supplier) -> None:
    buyer = BuyerFactory(company_file=CompanyFileFactory(supplier=supplier))
    InvoiceFactory(buyer=buyer, invoice_no="A-1", search_text="a-1", payable_date=date(2026, 1, 1))
    InvoiceFactory(buyer=buyer, invoice_no="A-2", search_text="a-2", books_status="paid")
    InvoiceFactory(buyer=buyer, invoice_no="B-1", search_text="b-1", books_status="paid")


def test_each_chip_counts_what_it_would_show(member: Client, invoices: None) -> None:
    chips = member.get(LIST, {"q": "a"}).context["status_chips"]
    assert {chip.label: chip.number for chip in chips} == {"All": 2, "Open": 1, "Overdue": 1, "Paid": 1}
    paid = next(chip for chip in chips if chip.label == "Paid")
    assert paid.url == "/invoices/?q=a&status=paid"
    on = member.get(paid.url).context["status_chips"]
    assert [chip.url for chip in on if chip.is_on] == ["/invoices/?q=a"], "a second click takes it off"


def test_a_saved_view_is_the_persons_own_and_the_default_opens_first(
    member: Client, supplier: Supplier, invoices: None
) -> None:
    sent = member.post(
        "/invoices/views", {"name": " My  paid ", "query": "status=paid&page=3&x=1", "is_default": "yes"}
    )
    assert sent["Location"] == "/invoices/?status=paid"
    view = SavedView.objects.get()
    query = "status=paid&show=comfortable%3Abuyer.issued.due.amount.open"
    assert (view.name, view.query, view.is_default) == ("My paid", query, True)
    assert member.get(LIST)["Location"] == f"/invoices/?{query}"
    assert member.get(LIST, {"all": "1"}).status_code == 200
    member.post("/invoices/views", {"name": "MY PAID", "query": "status=open", "is_default": "yes"})
    member.post("/invoices/views", {"name": "", "query": ""})
    member.post("/invoices/views", {"name": "Long", "query": f"q={'%E2%82%AC' * 180}"})
    assert [one.query.partition("&")[0] for one in SavedView.objects.all()] == ["status=open"]
    colleague = MembershipFactory(supplier=supplier, user=UserFactory()).user
    other = Client()
    other.force_login(colleague)
    assert other.get(LIST).context["views"] == []
    other.post("/invoices/views", {"delete": str(view.pk)})
    assert SavedView.objects.exists()
    member.post("/invoices/views", {"delete": str(view.pk)})
    assert not SavedView.objects.exists()


def test_columns_and_density_are_kept_and_nonsense_is_ignored(member: Client, invoices: None) -> None:
    member.post("/invoices/display", {"density": "compact", "columns": ["buyer", "source"], "query": "status=paid"})
    page = member.get(LIST).content.decode()
    assert "table-compact" in page
    assert "QuickBooks</td>" in page
    assert "Due</a>" not in page
    member.post("/invoices/display", {"density": "huge", "columns": ["password"]})
    member.cookies["invoice_list"] = "compact:nothing.buyer"
    assert member.get(LIST).context["shown"].columns == ("buyer",)


def test_a_view_brings_back_its_columns_and_its_density(member: Client, invoices: None) -> None:
    member.post("/invoices/display", {"density": "compact", "columns": ["buyer", "source"]})
    member.post("/invoices/views", {"name": "Dense", "query": "status=paid"})
    member.post("/invoices/display", {"density": "comfortable", "columns": ["due"]})
    (view,) = member.get(LIST, {"all": "1"}).context["views"]
    opened = member.get(f"{LIST}?{view.query}")
    assert (opened.context["shown"].columns, opened.context["shown"].is_compact) == (("buyer", "source"), True)
    assert opened.context["current_view"] == view
    sorted_by_due = member.get(LIST, {"status": "paid", "sort": "due"})
    assert sorted_by_due.context["shown"].is_compact, "the columns stay while the list is sorted"
    hostile = member.get(LIST, {"show": "\0huge:password.<b>"})
    assert hostile.context["shown"].columns == ()


def test_an_unknown_filter_or_page_says_what_is_shown_instead(member: Client, invoices: None) -> None:
    page = member.get(LIST, {"status": "foo", "page": "99"}).content.decode()
    assert "There is no such filter." in page
    assert "There is no such page. This is page 1." in page
    assert "There is no such page" not in member.get(LIST, {"page": "1"}).content.decode()


def test_the_workbook_holds_exactly_the_filtered_list(member: Client, invoices: None) -> None:
    assert "Download XLSX (2)" in member.get(LIST, {"q": "a"}).content.decode()
    content = b"".join(member.get("/invoices.xlsx", {"q": "a"}))  # type: ignore[arg-type]
    sheet = ZipFile(BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    assert (sheet.count("<row "), "A-2" in sheet, "B-1" in sheet) == (3, True, False)


def test_the_bar_sums_what_can_be_requested_and_nobody_elses(client: Client, scenario: Scenario) -> None:
    scenario.terms()
    buyer = scenario.buyer("Cedar")
    ready = [scenario.invoice(buyer) for _ in range(2)]
    small = scenario.invoice(buyer, face="10")
    theirs = InvoiceFactory()
    recalculation.recalculate(supplier_id=scenario.supplier.pk, at=scenario.now)
    client.force_login(scenario.owner)
    ids = [str(one.public_id) for one in (*ready, small, theirs)]
    page = client.post("/invoices/selection", {"invoice": ids}).content.decode()
    assert "2 selected" in page
    assert "invoices $2,000.00 · $1,700.00 now · fee" in visible_text(
        client.post("/invoices/selection", {"invoice": ids})
    )
    assert "Request financing for 2 invoices" in page
    assert str(small.public_id) not in page
    assert str(theirs.public_id) not in page
    everything = client.post("/invoices/selection", {"everything": "1", "query": ""}).content.decode()
    assert "2 selected" in everything
    none = client.post("/invoices/selection", {"invoice": ["nonsense"]}).content.decode()
    assert "Select invoices to see the quote." in none
