"""The supplier's quieter pages pass axe, and every page can be used when it is enlarged to 200%.

`make measure-pages` looks at every page in every width and theme; here each page is looked at once.
"""

from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page

from infactor.core.models import OutgoingMail
from infactor.suppliers import invitations, notifications
from infactor.suppliers.models import Membership, NotificationKind
from tests.support.assertions import accessibility
from tests.support.factories.suppliers import MembershipFactory
from tests.support.scenarios.browser_site import session_cookie
from tests.support.scenarios.lifecycle import Lifecycle, build
from tests.support.scenarios.verification import ask, token_of

pytestmark = [pytest.mark.browser]
LOOKS = ((320, "light"), (1440, "dark"), (768, "light"), (320, "dark"))
QUIET = (
    "/settings/",
    "/settings/company/",
    "/settings/people/",
    "/settings/notifications/",
    "/settings/data/",
    "/settings/leave/",
    "/notifications/",
    "/application/documents/",
    "/buyers/",
    "/search/?q=invoice",
    "/invoices/new/",
    "/invoices/upload/",
    "/statement/fees/",
    "/accounts/2fa/",
    "/accounts/sessions/",
    "/terms",
    "/privacy",
)
ENLARGED = (
    "/",
    "/invoices/",
    "/financing/",
    "/financing/request/?amount=1200&currency=USD",
    "/statement/",
    "/quickbook/",
    "/settings/people/",
    "/settings/notifications/",
    "/settings/leave/",
    "/bank/",
    "/application/",
    "/invoices/upload/",
)
UNUSABLE = (Path(accessibility.__file__).parent / "unusable_controls.js").read_text()


class Settled:
    """A supplier with invoices at every stage and colleagues, on a running server, and links that need no account."""

    def __init__(self, address: str, story: Lifecycle) -> None:
        self.address, self.story = address, story
        scenario, now = story.scenario, timezone.now()
        MembershipFactory(supplier=scenario.supplier, role="finance")
        self.cookie = session_cookie(scenario.owner, address)
        invitations.invite(
            supplier=scenario.supplier, email="new.person@example.com", role="reader", by=scenario.owner, at=now
        )
        asked = ask(story.todo, at=now)
        member = Membership.objects.get(user=scenario.owner)
        stop = notifications.unsubscribe_url(member=member, kind=NotificationKind.OFFERS)
        (invited,) = OutgoingMail.objects.filter(to="new.person@example.com")
        invitation = invited.body.partition("/invitations/")[2].split("/")[0]
        self.links = (f"/invitations/{invitation}/", urlsplit(stop).path, f"/buyer/{token_of(asked)}/")
        ready = story.ready[0]
        self.own = (f"/invoices/{ready.public_id}/documents/", f"/buyers/{ready.buyer.public_id}/")


@pytest.fixture(scope="module")
def settled(module_server: str) -> Settled:
    return Settled(module_server, build(now=timezone.now()))


def faults(page: Page, address: str, *, width: int, scheme: str) -> list[str]:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    answer = page.goto(address)
    assert answer is not None
    found = [] if answer.status == 200 else [f"answers {answer.status}"]
    page.evaluate(Axe().axe_script)
    for violation in page.evaluate("rules => axe.run(document, rules)", accessibility.RULES)["violations"]:
        found.append(f"{violation['id']}: " + "; ".join(node["html"][:160] for node in violation["nodes"][:3]))
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append("scrolls sideways")
    return [f"{address} {width} {scheme}: {one}" for one in found]


def test_quiet_pages_break_no_rule(
    settled: Settled, page: Page, context: BrowserContext, browser: Browser, complaints: list[str]
) -> None:
    looks, found = cycle(LOOKS), []
    context.add_cookies([settled.cookie])  # type: ignore[list-item]
    for path in (*QUIET, *settled.own):
        width, scheme = next(looks)
        found += faults(page, settled.address + path, width=width, scheme=scheme)
    stranger = browser.new_context()
    anonymous = stranger.new_page()
    for path in settled.links:
        width, scheme = next(looks)
        found += faults(anonymous, settled.address + path, width=width, scheme=scheme)
    stranger.close()
    assert found == []


def test_at_200_percent_nothing_is_cut_off_or_covered(settled: Settled, browser: Browser) -> None:
    enlarged = browser.new_context(viewport={"width": 720, "height": 450}, device_scale_factor=2)
    enlarged.add_cookies([settled.cookie])  # type: ignore[list-item]
    page, found = enlarged.new_page(), []
    story = settled.story
    own = (
        f"/invoices/{story.ready[0].public_id}/",
        f"/financing/offers/{story.offer.public_id}/",
        f"/financing/request/?invoice={story.ready[0].public_id}",
    )
    for path in (*ENLARGED, *own):
        page.goto(settled.address + path)
        found += [f"{path}: {one}" for one in page.evaluate(UNUSABLE)]
    enlarged.close()
    assert found == []
