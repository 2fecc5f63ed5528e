"""The bookkeeping of the demo company: its owner lets infactor book, from the payout of one advance on."""

from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone

from infactor.financing.demo.participants import Participants
from infactor.suppliers.models import Supplier
from quickbooks_app import tasks
from quickbooks_app.bookkeeping import mapping
from quickbooks_app.bookkeeping.chart import read_chart
from quickbooks_app.bookkeeping.mapping import Choice
from quickbooks_app.models import BookkeepingAccount, Connection
from quickbooks_app.pushes import consent

STARTED = timedelta(days=33)  # ago: the day on which the advance on invoice 1060 was paid out
Role = BookkeepingAccount.Role


def turn_on(*, supplier: Supplier, participants: Participants, at: datetime) -> None:
    """Turn it on with the company's bank account; infactor creates the other accounts. Nothing if none is connected.

    The worker writes the entries once the demo is committed.
    """
    connection = Connection.objects.filter(supplier=supplier).select_related("company_file", "supplier").first()
    if connection is None:
        return
    since, owner = at - STARTED, participants.owner
    consent.allow_writes(connection=connection, by=owner, at=since)
    connection.refresh_from_db(fields=["writes_allowed_at"])
    chart = read_chart(connection=connection, now=timezone.now)
    chosen = Choice(
        start_on=since.astimezone(supplier.zone).date(),
        accounts={role: chart.of(role)[0].id if role == Role.BANK else "" for role in mapping.CHOSEN},
    )
    mapping.turn_on(connection=connection, chosen=chosen, chart=chart, by=owner, at=since)
    transaction.on_commit(partial(tasks.enqueue_bookkeeping, connection.pk))
