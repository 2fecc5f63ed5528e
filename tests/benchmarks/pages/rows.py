"""Rows that the demo's history lacks and some page needs: a QuickBooks connection, an invitation, files, links."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

from django.utils import timezone

from infactor.core.models import OutgoingMail
from infactor.dashboard.models import DataExport
from infactor.invoices.models import CompanyFile, Invoice
from infactor.suppliers import invitations, notifications
from infactor.suppliers.models import Membership, NotificationKind, Supplier
from infactor.users.models import User
from quickbooks_app.models import Push
from tests.support.factories.integrations import OwnAppFactory, of_settings
from tests.support.factories.quickbooks import ConnectionFactory, RunFactory
from tests.support.factories.suppliers import CompanyFileFactory, MembershipFactory
from tests.support.scenarios.verification import LINK, ask

INVITATION = re.compile(r"/invitations/([^/\s]+)/")
PUSHES = (("done", {"qbk_id": "7"}), ("failed", {"error": "The name is taken in QuickBooks already."}))


def add_more(*, owner: User) -> None:
    """Add them for the company of `owner`."""
    now = timezone.now()
    supplier = owner.suppliers.get()
    MembershipFactory(supplier=supplier, role="finance", user__name="Casey Ledger")
    _connect(supplier, owner)
    invitations.invite(supplier=supplier, email="new.person@example.com", role="reader", by=owner, at=now)
    notifications.notify(
        notifications.Event(
            supplier_id=supplier.pk,
            kind=NotificationKind.MONEY,
            key="measure.money:1",
            path="/statement/",
            text=lambda member: ("Your buyer paid", "The payment is on your statement."),
        ),
        at=now,
    )
    DataExport.objects.create(supplier=supplier, user=owner, asked_at=now)
    asked = Invoice.objects.filter(supplier=supplier, books_status="open", verifications=None, advances=None)
    for invoice in asked.order_by("-payable_date")[:2]:
        ask(invoice, at=now)


def _connect(supplier: Supplier, owner: User) -> None:
    now = timezone.now()
    file: CompanyFile = CompanyFileFactory(supplier=supplier, as_of=now)
    connection = ConnectionFactory(
        company_file=file,
        integration=of_settings("production"),
        company_name="Harbor Street Print",
        connected_by=owner,
        connected_at=now - timedelta(days=40),
        writes_allowed_at=now,
    )
    OwnAppFactory(supplier=supplier)
    RunFactory(connection=connection)
    for state, more in PUSHES:
        Push.objects.create(
            connection=connection,
            entity="Customer",
            operation="create",
            purpose="supplier",
            fields='{"DisplayName": "Elm & Oak Furniture"}',
            state=state,
            requested_at=now,
            finished_at=now,
            **more,
        )


def tokens(supplier: Supplier) -> tuple[str, ...]:
    """The tokens of every link that opens a page without an account.

    Of invitations and of buyers, from the mails; of email that can be stopped, from its own signer.
    """
    found = []
    for mail in OutgoingMail.objects.order_by("-pk"):
        if link := LINK.search(mail.body) or INVITATION.search(mail.body):
            found.append(link[1])
    member = Membership.objects.filter(supplier=supplier).earliest("pk")
    stop = notifications.unsubscribe_url(member=member, kind=NotificationKind.OFFERS)
    return (urlsplit(stop).path.rstrip("/").rpartition("/")[2], *dict.fromkeys(found))
