"""Opens the demo company's books in QuickBooks, connects them by the real consent, and reads what they hold."""

import secrets
from contextlib import closing
from datetime import datetime, time
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from infactor.financing.demo.content import BooksContent
from infactor.financing.demo.dates import DemoCalendar
from infactor.financing.demo.further import OpenedBooks
from infactor.financing.demo.participants import Participants
from infactor.financing.demo.scenario import FIRST_IMPORT_DAYS_AGO
from infactor.financing.value_dates import supplier_today
from infactor.suppliers.models import Supplier
from infactor.suppliers.time_zone import adopt_time_zone
from infactor.users.models import User
from quickbooks_app import tasks
from quickbooks_app.api.keyset_pagination import Cursor, KeysetQuery
from quickbooks_app.api.session import ApiSession
from quickbooks_app.connections import authorization_flow
from quickbooks_app.demo import history
from quickbooks_app.demo.company import CompanyUnavailable, LocalCompany
from quickbooks_app.models import Connection, ConsentAttempt, ImportRun
from quickbooks_app.sync.change_data_capture import ENTITIES
from quickbooks_app.sync.object_mapping import map_objects

TIME_ZONE = "America/Los_Angeles"  # of every company of this machine
CONNECTED_AT = time(6, 50)  # on the day of the first import, before it


def open_books(
    *, supplier: Supplier, participants: Participants, opened_days_ago: int, at: datetime
) -> OpenedBooks | None:
    """Books in the QuickBooks company of this machine, `opened_days_ago`; None where another QuickBooks is used.

    They are connected since the first import. Once the demo is committed, the worker makes the first sync. Waits for
    QuickBooks, which starts beside the demo. Raises CompanyUnavailable.
    """
    if settings.QUICKBOOKS_ENVIRONMENT != "local":
        return None
    adopt_time_zone(supplier=supplier, name=TIME_ZONE)
    calendar = DemoCalendar(supplier_today(supplier=supplier, at=at), supplier.zone)
    company = local_company()
    company.exists()
    company.write(history.encoded(calendar, opened_days_ago=opened_days_ago))
    attempt, run = _connect(
        company, supplier=supplier, owner=participants.owner, at=calendar.moment(FIRST_IMPORT_DAYS_AGO, CONNECTED_AT)
    )
    if attempt.connection is None or run is None:
        raise CompanyUnavailable(f"The demo company could not be connected: {attempt.get_outcome_display()}.")
    transaction.on_commit(partial(tasks.enqueue_import, run.pk))
    return OpenedBooks(attempt.connection.company_file, _read(attempt.connection), calendar)


def local_company() -> LocalCompany:
    """The demo company in the QuickBooks of this machine."""
    return LocalCompany(f"http://127.0.0.1:{settings.SANDBOX_PORT}", history.REALM)


def _connect(
    company: LocalCompany, *, supplier: Supplier, owner: User, at: datetime
) -> tuple[ConsentAttempt, ImportRun | None]:
    """The journey of the Connect button, with a program in place of the browser."""
    browser = secrets.token_urlsafe(32)
    _, address = authorization_flow.begin(user=owner, supplier=supplier, browser=browser, in_popup=True, at=at)
    return authorization_flow.complete(user=owner, browser=browser, query=company.consent(address), at=at)


def _read(connection: Connection) -> BooksContent:
    """What the books hold, read and mapped as by an import. Nothing is kept."""
    with closing(ApiSession(connection=connection, now=timezone.now)) as session:
        return BooksContent(*(_records(session, entity) for entity in ENTITIES))


def _records(session: ApiSession, entity: str) -> list[Any]:
    query, cursor, records = KeysetQuery(entity), Cursor(), []
    while True:
        page = session.call(partial(query.fetch_page, session.client, cursor))
        changed = {item.header.Id: item for item in page.objects if item.header is not None}
        mapped, _ = map_objects(connection=session.connection, entity=entity, changed=changed)
        records += [one.record for one in mapped]
        if page.is_last:
            return records
        cursor = page.cursor
