"""Staff's debtor pages pass axe in both colour schemes and on a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from playwright.sync_api import BrowserContext

from infactor.invoices.debtors import grouping, suggestions
from infactor.invoices.models import DebtorSuggestion
from infactor.users.models import User
from tests.support.factories.suppliers import BuyerFactory, EveryPermissionFactory
from tests.support.payloads import NOON
from tests.support.scenarios.browser_site import Site, session_cookie

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RULES = {"runOnly": ["target-size", "label", "color-contrast", "link-name", "button-name", "th-has-data-cells"]}


@pytest.fixture
def pages(site: Site) -> list[str]:
    """Addresses below the list of debtors; the last four are our own pages, not Django's."""
    staff = EveryPermissionFactory()
    joined = BuyerFactory(name="شركة النور", tax_id="12-3456789")
    debtor = grouping.join(buyers=[joined], debtor=None, name="Acme", by=staff, at=NOON)
    pair = [BuyerFactory(name="Bolt", address="5647 Cypress Hill Ave."), BuyerFactory(name="Bolt Inc")]
    join = f"join/?buyer={pair[0].pk}&buyer={pair[1].pk}"
    suggestions.refresh(at=NOON)
    dismiss = f"proposed/{DebtorSuggestion.objects.get(buyers=pair[0]).pk}/dismiss/"
    return ["", f"{debtor.pk}/change/", "proposed/", dismiss, join, f"{joined.pk}/leave/"]


@pytest.fixture
def cookie(pages: list[str], site: Site) -> dict[str, str]:
    return session_cookie(User.objects.get(is_superuser=True), site.address)


def test_pages_of_debtors_raise_no_complaint_and_fit_a_phone(
    site: Site, pages: list[str], cookie: dict[str, str], context: BrowserContext
) -> None:
    cache.clear()
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    context.add_cookies([cookie])  # type: ignore[list-item]
    found = []
    for path in pages:
        page.set_viewport_size({"width": 1200, "height": 900})
        page.goto(f"{site.address}/admin/invoices/debtor/{path}")
        page.evaluate(Axe().axe_script)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            for violation in page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]:
                nodes = "; ".join(node["html"][:160] for node in violation["nodes"][:3])
                found.append(f"{path} {scheme}: {violation['id']}: {nodes}")
        page.set_viewport_size({"width": 320, "height": 700})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > 320 and path in pages[-4:]:
            found.append(f"{path} is {wide} wide")
    assert found == []
    assert complaints == []
