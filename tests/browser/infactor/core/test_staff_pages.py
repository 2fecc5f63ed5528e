"""Staff's pages break no rule of accessibility in either theme, narrow or wide, and are worked by keyboard alone."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from infactor.financing.models import Advance
from infactor.users import roles
from tests.support.admin_client import confirm
from tests.support.assertions.accessibility import accessibility_faults
from tests.support.factories.suppliers import EveryPermissionFactory
from tests.support.scenarios.browser_site import session_cookie
from tests.support.scenarios.lifecycle import Lifecycle, build
from tests.support.scenarios.onboarding import staff_member

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def lifecycle(module_server: str) -> Lifecycle:
    return build(now=timezone.now())


def viewing(lifecycle: Lifecycle, server: str) -> dict[str, str]:
    """The cookie of somebody who views the pages of the supplier."""
    client = Client()
    client.force_login(staff_member(roles.OPERATIONS))
    start = reverse("admin:suppliers_supplier_view_as", args=[lifecycle.scenario.supplier.pk])
    confirm(client, start, reason="The supplier called.")
    (found,) = ((name, one.value) for name, one in client.cookies.items() if "session" in name)
    return {"name": found[0], "value": found[1], "url": server}


def pages(lifecycle: Lifecycle) -> list[str]:
    offer = reverse("admin:financing_financingrequest_offer", args=[lifecycle.request.pk])
    advance = Advance.objects.filter(status=Advance.Status.FUNDED).first()
    assert advance is not None
    return [
        reverse("admin:financing_advance_change", args=[advance.pk]),
        reverse("admin:verification_verification_phone", args=[advance.invoice_id]),
        reverse("admin:suppliers_supplier_change", args=[lifecycle.scenario.supplier.pk]),
        reverse("admin:index"),
        reverse("admin:financing_advance_changelist"),
        reverse("admin:desk_task_add"),
        offer,
        reverse("admin:financing_payout_changelist"),
        reverse("admin:reports_report", args=["reserve"]),
    ]


def test_no_page_breaks_a_rule(module_server: str, lifecycle: Lifecycle, browser: Browser) -> None:
    viewed = f"/admin/viewing/{lifecycle.scenario.supplier.public_id}/"
    looks = (
        (session_cookie(EveryPermissionFactory(), module_server), pages(lifecycle)),
        (viewing(lifecycle, module_server), [viewed, f"{viewed}refused/"]),
    )
    found: list[str] = []
    for cookie, addresses in looks:
        context = browser.new_context()
        context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        for address in addresses:
            found += accessibility_faults(page, module_server + address)
        context.close()
    assert found == []


def test_the_button_of_a_decision_is_in_sight_and_keys_lead_there(
    module_server: str, lifecycle: Lifecycle, page: Page
) -> None:
    page.context.add_cookies([session_cookie(lifecycle.scenario.underwriter, module_server)])  # type: ignore[list-item]
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(module_server + reverse("admin:index"))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page.get_by_role("heading", name="Financing requests")).to_be_visible()
    page.wait_for_load_state()  # the script that knows the keys is deferred
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Make an offer").click()
    button = page.get_by_role("button", name="Preview")
    expect(button).to_be_in_viewport()
    page.mouse.wheel(0, 2000)
    expect(button).to_be_in_viewport()
