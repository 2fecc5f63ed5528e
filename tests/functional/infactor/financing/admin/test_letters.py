"""Staff download a supplier's letters and a buyer's notice as PDF; the audit log says who took which."""

import pytest
from django.test import Client
from django.urls import reverse

from infactor.core.models import AuditEvent
from infactor.financing.models import Advance
from infactor.users.models import User
from tests.support import pdf
from tests.support.admin_client import visible_text
from tests.support.scenarios.financing import Scenario
from tests.support.scenarios.notices import notice_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]


@pytest.fixture
def advance(scenario: Scenario) -> Advance:
    scenario.terms()
    return scenario.funded(scenario.invoice(scenario.buyer("Northwind"), invoice_no="NW-1", face="2000"))


def test_the_pages_of_supplier_and_advance_lead_to_the_letters(
    client: Client, staff: User, scenario: Scenario, advance: Advance
) -> None:
    client.force_login(staff)
    month = f"{scenario.today:%Y-%m}"
    of_month = reverse("admin:supplier_letter_of", args=[scenario.supplier.pk, "statement", month])
    for name, row in (("suppliers_supplier", scenario.supplier), ("financing_advance", advance)):
        page = client.get(reverse(f"admin:{name}_change", args=[row.pk]))
        assert "Letters to the supplier (PDF) Statement" in visible_text(page)  # type: ignore[arg-type]
        assert of_month in page.content.decode()
    text = pdf.words(pdf.content(client.get(of_month)))  # type: ignore[arg-type]
    assert "NW-1" in text
    assert scenario.supplier.name in text
    kept = AuditEvent.objects.get(event="letter.downloaded")
    assert (kept.actor, kept.supplier_id) == (staff, scenario.supplier.pk)
    assert kept.details == {"letter": "statement", "period": month}


def test_fees_and_payoff_are_there_too_and_nothing_that_is_not(
    client: Client, staff: User, scenario: Scenario, advance: Advance
) -> None:
    client.force_login(staff)
    pk = scenario.supplier.pk
    fees = reverse("admin:supplier_letter_of", args=[pk, "fees", str(scenario.today.year)])
    assert "Fee summary" in pdf.words(pdf.content(client.get(fees)))  # type: ignore[arg-type]
    payoff = reverse("admin:supplier_letter", args=[pk, "payoff"])
    assert "Payoff letter" in pdf.words(pdf.content(client.get(payoff)))  # type: ignore[arg-type]
    for letter, period in (("release", ""), ("other", ""), ("statement", "2026-13"), ("fees", "1066"), ("fees", "x")):
        name = "admin:supplier_letter_of" if period else "admin:supplier_letter"
        address = reverse(name, args=[one for one in (pk, letter, period) if one])
        assert client.get(address).status_code == 404, address


def test_nobody_without_the_permission_gets_a_letter(client: Client, scenario: Scenario, advance: Advance) -> None:
    client.force_login(scenario.owner)
    address = reverse("admin:supplier_letter", args=[scenario.supplier.pk, "payoff"])
    assert client.get(address).status_code in (302, 403)
    assert not AuditEvent.objects.filter(event="letter.downloaded").exists()


def test_staff_download_the_notice_of_a_buyer(
    client: Client, staff: User, scenario: Scenario, advance: Advance
) -> None:
    client.force_login(staff)
    notice = notice_of(advance)
    response = client.get(reverse("admin:financing_notice_letter", args=[notice.pk]))
    text = pdf.words(pdf.content(response))  # type: ignore[arg-type]
    for said in (f"Notice of assignment {notice.number}", "NW-1", "$2,000.00", notice.facts["pay_to"]["account"]):
        assert said in text, said
    kept = AuditEvent.objects.get(event="letter.downloaded")
    assert kept.details == {"letter": "notice", "notice": notice.pk}
