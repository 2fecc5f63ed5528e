"""A second factor in a browser: a passkey is added, opens admin, and replaces the password; every page passes axe."""

import os

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from infactor.users import roles
from infactor.users.security.recovery_codes import HashedRecoveryCodes
from tests.support.assertions.accessibility import accessibility_faults
from tests.support.factories.suppliers import PASSWORD
from tests.support.scenarios import onboarding
from tests.support.scenarios.browser_site import Site, session_cookie
from tests.support.second_factor import give_factor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def authenticator(page: Page) -> None:
    """A fingerprint reader that agrees to everything."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_opens_admin_and_replaces_the_password(
    site: Site, page: Page, authenticator: None, complaints: list[str]
) -> None:
    person = onboarding.staff_member(roles.OPERATIONS)
    wanted = site.address + reverse("admin:financing_advance_changelist")
    page.goto(wanted)
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("Set up a second factor to open the staff pages.")).to_be_visible()
    shot(page, "forced")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    shot(page, "add-passkey")
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    shot(page, "recovery-codes")
    page.get_by_role("link", name="Continue to the staff pages").click()
    expect(page).to_have_url(wanted)

    page.goto(f"{site.address}/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.goto(site.address + reverse("account_login"))
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Work")

    # The second step after a password, too.
    page.goto(f"{site.address}/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.goto(wanted)
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm it's you")
    shot(page, "second-step")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(wanted)


def test_the_pages_of_sign_in_and_security_break_no_rule(site: Site, page: Page, context: BrowserContext) -> None:
    owner = site.supplier.members.get()
    assert accessibility_faults(page, site.address + reverse("account_login")) == []
    context.add_cookies([session_cookie(owner, site.address)])  # type: ignore[list-item]
    page.goto(site.address + reverse("mfa_activate_totp"))
    assert accessibility_faults(page, page.url) == []  # the password
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    found = accessibility_faults(page, site.address + reverse("mfa_activate_totp"))
    shot(page, "app")
    give_factor(owner)
    HashedRecoveryCodes.activate(owner)
    for name in (
        "mfa_index",
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
        "mfa_reauthenticate",
        "usersessions_list",
    ):
        found += accessibility_faults(page, site.address + reverse(name))
        shot(page, name)
    assert found == []


def shot(page: Page, name: str) -> None:
    """Save screenshots, if the environment names a folder for them."""
    if folder := os.environ.get("SCREENSHOTS"):
        for width in (320, 1280):
            for scheme in ("light", "dark"):
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(color_scheme=scheme)
                page.screenshot(path=f"{folder}/{name}-{width}-{scheme}.png", full_page=True)
        page.set_viewport_size({"width": 1280, "height": 900})
