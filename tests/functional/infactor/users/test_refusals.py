"""Who is refused reads why: which role it takes, or whose page it is, and the way back."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tests.support.admin_client import visible_text
from tests.support.scenarios.financing import Scenario, build_scenario, staff_member
from tests.support.second_factor import sign_in_without_factor

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def scenario_builder() -> Callable[[], Scenario]:
    def build() -> Scenario:
        scenario = build_scenario()
        scenario.terms()
        return scenario

    return build


def test_staff_read_which_role_does_it_and_whom_to_ask(client: Client, scenario: Scenario) -> None:
    advance = scenario.accepted(scenario.invoice(scenario.buyer()))
    row = reverse("admin:financing_advance_change", args=[advance.pk])
    for person, own in ((scenario.underwriter, "You are Underwriter."), (scenario.reader, "You are Read-only.")):
        client.force_login(person)
        answer = client.get(reverse("admin:financing_advance_fund", args=[advance.pk]))
        text = visible_text(answer)
        assert answer.status_code == 403
        assert "This takes the role Operations (permission fund_advances: pay out advances)." in text
        assert own in text
        assert scenario.operations.email in text.split("Ask ")[1]
        assert f'<a class="button" href="{row}">' in answer.content.decode()


def test_pages_of_administrators_and_of_nobody_say_so(client: Client, scenario: Scenario) -> None:
    client.force_login(scenario.reader)
    assert "It takes an administrator" in visible_text(client.get(reverse("admin:users_user_changelist")))
    added = client.get(reverse("admin:invoices_invoice_add"))
    assert "No role does this." in visible_text(added)
    assert f'href="{reverse("admin:invoices_invoice_changelist")}"' in added.content.decode()


def test_who_has_no_role_reads_that(client: Client, scenario: Scenario) -> None:
    nobody = staff_member("Read-only")
    nobody.groups.clear()
    client.force_login(nobody)
    refused = visible_text(client.get(reverse("admin:financing_advance_changelist")))
    assert "This takes the role Operations or Read-only or Underwriter" in refused
    assert "You have no role yet." in refused
    assert "You have no role yet" in visible_text(client.get(reverse("admin:index")))


def test_staff_at_a_suppliers_page_and_suppliers_at_staffs_read_whose_page_it_is(
    client: Client, scenario: Scenario
) -> None:
    client.force_login(scenario.reader)
    assert client.get(reverse("dashboard:home"))["Location"] == reverse("admin:index")
    answer = client.get(reverse("dashboard:invoices"))
    assert (answer.status_code, "This page is for suppliers" in visible_text(answer)) == (403, True)
    assert f'href="{reverse("admin:index")}"' in answer.content.decode()
    client.force_login(scenario.owner)
    answer = client.get(reverse("admin:index"), follow=True)
    assert (answer.status_code, "This page is for staff" in visible_text(answer)) == (403, True)
    assert f'href="{reverse("dashboard:home")}"' in answer.content.decode()


def test_who_lacks_a_second_factor_is_told_to_set_one_up(client: Client, scenario: Scenario) -> None:
    sign_in_without_factor(client, scenario.reader)
    page = client.get(reverse("admin:financing_advance_changelist"), follow=True)
    assert "Set up a second factor to open the staff pages" in visible_text(page)
