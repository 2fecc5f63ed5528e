"""Fixtures for browser tests: the system's Chromium, a server, signed-in users, and a check for console errors."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer

from tests.support.database.truncation import delete_all_rows
from tests.support.factories.suppliers import EveryPermissionFactory
from tests.support.processes.devserver import DevServer
from tests.support.processes.folders import temporary_folder
from tests.support.processes.programs import chromium
from tests.support.scenarios.browser_site import Site, build_site, session_cookie

# A busy machine renders late, which is no failure: benchmarks measure speed.
expect.set_options(timeout=20_000)

INSTALL = "apt-get install chromium"
IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
PICTURE_SIZE = {"width": 1280, "height": 800}
# Chromium can reach only this machine, so its background services would fail.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if chromium() is None and not os.environ.get("INFACTOR_REQUIRE_BROWSER"):
        # Only at a developer's: .ci/run installs Chromium and sets that name, so there a browser test runs or fails.
        not_run = pytest.mark.skip(reason=f"not run: no Chromium on this machine; install it with: {INSTALL}")
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(not_run)


# Playwright's synchronous API keeps an event loop running in its thread, where Django refuses database access unless
# DJANGO_ALLOW_ASYNC_UNSAFE is set. This sets it for the tests of this folder only.


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        started = playwright.chromium.launch(executable_path=chromium() or "no Chromium", args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context()
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def site(live_server: object) -> Site:
    cache.clear()
    return build_site(str(live_server), count=12)


@pytest.fixture
def staff_cookie(site: Site) -> dict[str, str]:
    """Signs a browser in as a superuser."""
    return session_cookie(EveryPermissionFactory(), site.address)


@pytest.fixture(scope="module")
def module_server(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A server for a module whose tests only read. What one test writes stays until the last has run."""
    with django_db_blocker.unblock():
        cache.clear()
        server = LiveServer("localhost")
        yield server.url
        server.stop()
        delete_all_rows()


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """The browser's console errors; a test that causes any has failed."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("requestfailed", lambda request: found.append(f"{request.url}: {request.failure}"))
    yield found
    # Leaving a page cancels its pending requests.
    assert [one for one in found if "ERR_ABORTED" not in one] == []


@pytest.fixture(scope="module")
def infactor() -> Iterator[DevServer]:
    """A whole infactor as `make run` starts it on a new machine, for one test module; it must also stop cleanly."""
    with temporary_folder() as folder:
        server = DevServer(folder)
        server.start()
        yield server
        assert server.stop() == 0


@pytest.fixture
def picture() -> Callable[..., None]:
    """Takes a picture of a page for the guide, when called by `make pictures`; otherwise it must be there already."""

    def take(page: Page, name: str, *, resize: bool = True) -> None:
        path = IMAGES / f"{name}.png"
        if not os.environ.get("INFACTOR_PICTURES"):
            assert path.exists(), "run `make pictures`"
            return
        if resize:
            page.set_viewport_size(PICTURE_SIZE)  # type: ignore[arg-type]
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.screenshot(path=path)

    return take
