"""Maps the stored invoices of a company again after its mapping has changed, from the raw store alone.

A batch is one transaction under the lock of the company file. It starts where the last one ended, so two workers, a
crash or a second message change nothing. After a batch it is another company's turn: an integration may have many.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from quickbooks_app.documents import payloads
from quickbooks_app.models import Connection, Document, Remapping
from quickbooks_app.sync.apply_page import lock_company_file, map_stored_invoices

BATCH_SIZE = 500
LOST_AFTER = timedelta(minutes=2)  # since the last batch: its worker died, or the message was lost


def unfinished(*, at: datetime) -> list[int]:
    """The ids of the connections whose stored invoices are still to be mapped again, and that no worker maps."""
    waits = Q(worked_at=None) | Q(worked_at__lte=at - LOST_AFTER)
    found = Remapping.objects.filter(waits, finished_at=None)
    return list(found.order_by("requested_at", "pk").values_list("pk", flat=True))


def map_again(*, connection_id: int, at: datetime) -> bool:
    """Map the next batch. Returns whether there is more to do."""
    connection = Connection.objects.select_related("company_file", "supplier").get(pk=connection_id)
    with transaction.atomic():
        lock_company_file(connection)
        # Held, so that a version that is saved meanwhile starts it anew instead of being overwritten.
        remapping = Remapping.objects.select_for_update().filter(pk=connection_id, finished_at=None).first()
        if remapping is None:
            return False
        batch = list(
            Document.objects.filter(
                connection=connection, entity="Invoice", deleted_at=None, pk__gte=remapping.next_document
            ).order_by("pk")[:BATCH_SIZE]
        )
        if batch:
            remapping.changed += map_stored_invoices(connection=connection, raws=payloads.read_readable(batch), at=at)
            remapping.mapped += len(batch)
            remapping.next_document = batch[-1].pk + 1
        else:
            remapping.finished_at = at
        remapping.worked_at = at
        remapping.save()
    return bool(batch)
