"""The pages of integrations, of a supplier's own app and of the review break no rule; pictures of them are taken."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.fixtures import Settings

from quickbooks_app.auth import integrations
from quickbooks_app.models import Integration, ReviewAnswer
from tests.support.assertions.accessibility import COLOURS, RULES, accessibility_faults
from tests.support.factories.integrations import IntegrationFactory, OwnAppFactory
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.factories.suppliers import UserFactory
from tests.support.scenarios.browser_site import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ADMIN = "/admin/quickbooks_app/integration/"


@pytest.fixture
def asking(site: Site) -> Integration:
    """An integration that asks suppliers for keys, beside one of Intuit's sandbox and that of the settings."""
    integrations.from_settings()
    IntegrationFactory(
        name="QuickBooks Online Sandbox",
        environment="sandbox",
        client_id="ABq7k3Zxk3Zxk3Zxk3Zxk3Zxk3Zxk3Zxk3Zxk3Zxk3Zxk3ZxTy",
        is_enabled=False,
    )
    made: Integration = IntegrationFactory(
        name="QuickBooks with your own app", client_id="", client_secret="", webhook_verifier=""
    )
    own = OwnAppFactory(parent=made, supplier=site.supplier, name="Own app of Larkspur Coffee Roasters")
    ConnectionFactory(integration=own, company_file__supplier=site.supplier, company_name="Larkspur Coffee Roasters")
    Integration.objects.filter(pk=own.pk).update(last_webhook_at=timezone.now() - timedelta(minutes=12))
    return made


def test_staffs_pages_of_integrations_and_of_the_review_break_no_rule(
    site: Site,
    asking: Integration,
    staff_cookie: dict[str, str],
    context: BrowserContext,
    page: Page,
    picture: Callable[..., None],
) -> None:
    ReviewAnswer.objects.create(
        line="lender", is_met=True, note="Ticked.", answered_by=UserFactory(), answered_at=timezone.now()
    )
    context.add_cookies([staff_cookie])  # type: ignore[list-item]
    own, sandbox = asking.own_apps.get(), Integration.objects.get(environment="sandbox")
    pages = {
        "integrations": "",
        "integration-add": "add/",
        "integration-enable": f"{sandbox.pk}/enable/",
        "integration-manage": f"{own.pk}/change/",
        "integration-mapping": f"{own.pk}/mapping/",
        "review": "review/",
        "": f"{sandbox.pk}/edit/",
    }
    found = []
    for name, address in pages.items():
        page.set_viewport_size({"width": 320, "height": 800})
        page.goto(f"{site.address}{ADMIN}{address}")
        if name != "integrations" and page.evaluate("document.documentElement.scrollWidth") > 320:
            found.append(f"{name} scrolls sideways")
        page.evaluate(Axe().axe_script)
        for width, scheme, rules in ((320, "light", RULES), (1440, "dark", COLOURS)):
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            for violation in page.evaluate("rules => axe.run(document, rules)", rules)["violations"]:
                found.append(f"{name} {width}: {violation['id']}: {violation['nodes'][0]['html'][:160]}")
        if name:
            picture(page, name)
    # Django's search field has its label in its title.
    assert [fault for fault in found if "label-title-only" not in fault] == []


def test_the_pages_of_a_suppliers_own_app_break_no_rule(
    site: Site,
    asking: Integration,
    settings: Settings,
    context: BrowserContext,
    page: Page,
    complaints: list[str],
    picture: Callable[..., None],
) -> None:
    site.sign_in(context)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    pages = {
        "connect-choose": "choose",
        "connect-own-app": f"apps/{asking.public_id}",
        "connections": "",
    }
    found = []
    for name, address in pages.items():
        found += accessibility_faults(page, f"{site.address}/quickbook/{address}")
        if name != "connect-own-app":  # taken below, as it is in the popup
            picture(page, name)
    page.goto(f"{site.address}/quickbook/apps/{asking.public_id}?then=connect&window=popup")
    page.get_by_role("button", name="Copy the redirect address").click()
    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == settings.QUICKBOOKS_REDIRECT_URI
    page.get_by_label("Client ID").fill("infactor local")
    picture(page, "connect-own-app")
    page.get_by_role("button", name="Save and connect").click()
    expect(page.get_by_role("main")).to_contain_text("The client ID has a space or an invisible character inside.")
    assert found == []
