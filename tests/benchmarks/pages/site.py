"""The site that is measured: nginx, gunicorn and Redis as in production, a supplier in mid-life, staff and a buyer."""

import json
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from infactor.embedded_postgres import postgres
from tests.support.processes.production_site import COOKIE, HOST, ProductionSite

EVERY_RIGHT = "every.right@infactor.test"
STRANGER, SUPPLIER, BUYER, STAFF = "stranger", "supplier", "buyer", "staff"


@dataclass(frozen=True)
class SignedIn:
    """A person with a session. `client` asks for pages in this process, where queries can be counted."""

    user: Any
    client: Any
    cookie: str

    def refresh(self) -> None:
        """Have the person show password and second factor just now, as some pages ask."""
        from tests.support.second_factor import show_factor

        if self.user is not None:
            show_factor(self.client, self.user)


@dataclass(frozen=True)
class MeasuredSite:
    """`people` by the names above; a stranger and a buyer have no session."""

    port: int
    people: dict[str, SignedIn]
    tokens: tuple[str, ...]

    @property
    def address(self) -> str:
        return f"https://{HOST}:{self.port}"

    def cookies(self, who: str) -> list[dict[str, Any]]:
        """Cookies for a browser, as Playwright takes them."""
        value = self.people[who].cookie
        made = {"name": COOKIE, "value": value, "url": self.address, "secure": True, "httpOnly": True}
        return [made] if value else []


@contextmanager
def measured_site(data: str = "") -> Iterator[MeasuredSite]:
    """Start everything on an empty database, fill it, and stop everything again.

    With the path of a folder in `data`, what was filled is kept there, and the next run uses it.
    """
    with ExitStack() as stack:
        folder = Path(data or stack.enter_context(tempfile.TemporaryDirectory(prefix="infactor-pages-"))).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        database = stack.enter_context(postgres(data=folder / "postgres"))
        _write_faster(database)
        site = ProductionSite(folder, database=database)
        secrets = folder / "secrets.json"
        is_filled = secrets.exists()
        if is_filled:
            site.secrets.update(json.loads(secrets.read_text()))
            site.environment.update(site.secrets)
        stack.callback(site.close)
        os.environ |= {
            **site.secrets,
            "DATABASE_URL": database,
            "VAR_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "infactor.settings.local",
            "DJANGO_ALLOW_ASYNC_UNSAFE": "true",  # Playwright keeps an event loop in the thread that asks the database
        }
        people, tokens = _fill(is_filled=is_filled)
        secrets.write_text(json.dumps(site.secrets))
        site.start(workers=1)
        yield MeasuredSite(site.port, people, tokens)


def _write_faster(database: str) -> None:
    """The demo's eleven weeks are thousands of commits, and need not survive a crash. What is measured only reads."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET synchronous_commit = off")
        connection.execute("SELECT pg_reload_conf()")


def _fill(*, is_filled: bool) -> tuple[dict[str, SignedIn], tuple[str, ...]]:
    import django

    django.setup()
    logging.disable(logging.ERROR)  # rows that open no page are asked for, too
    from django.core.management import call_command
    from django.test import override_settings

    from infactor.suppliers.management.commands.demo_accounts import ESTABLISHED_EMAIL
    from infactor.users.models import User
    from tests.benchmarks.pages import rows
    from tests.support.factories.suppliers import EveryPermissionFactory

    # No QuickBooks of this machine runs here, so the demo's books are not opened in it.
    with override_settings(QUICKBOOKS_ENVIRONMENT="sandbox"):
        for name in ("migrate", "demo_accounts", "demo_financing"):
            if not is_filled:
                call_command(name, verbosity=0)
    owner = User.objects.get(email=ESTABLISHED_EMAIL)
    if not is_filled:
        rows.add_more(owner=owner)
        EveryPermissionFactory(email=EVERY_RIGHT)
    people = {
        STRANGER: _nobody(),
        BUYER: _nobody(),
        SUPPLIER: _sign_in(owner),
        STAFF: _sign_in(User.objects.get(email=EVERY_RIGHT)),
    }
    return people, rows.tokens(owner.suppliers.get())


def _nobody() -> SignedIn:
    from django.test import Client

    return SignedIn(None, Client(raise_request_exception=False, SERVER_NAME="localhost"), "")


def _sign_in(user: Any) -> SignedIn:
    from django.conf import settings
    from django.test import Client

    from tests.support.second_factor import give_factor

    client = Client(raise_request_exception=False, SERVER_NAME="localhost")
    give_factor(user)
    client.force_login(user)
    person = SignedIn(user, client, client.cookies[settings.SESSION_COOKIE_NAME].value)
    person.refresh()
    return person
