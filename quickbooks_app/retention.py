"""Retention of API calls and finished import runs: 90 days. Imported data is never deleted."""

from datetime import datetime, timedelta

from django.db.models import Max, QuerySet

from quickbooks_app.models import ApiCall, ImportRun

RETENTION = timedelta(days=90)
BATCH_SIZE = 5000


def delete_expired(*, at: datetime) -> tuple[int, int]:
    """Delete expired calls and runs, except each connection's last successful run. Returns the number of each."""
    calls = ApiCall.objects.filter(at__lt=at - RETENTION)
    last_successful = (
        ImportRun.objects.filter(state=ImportRun.State.SUCCEEDED)
        .order_by()
        .values("connection")
        .annotate(last=Max("pk"))
        .values("last")
    )
    runs = ImportRun.objects.filter(finished_at__lt=at - RETENTION).exclude(pk__in=last_successful)
    return _delete_in_batches(calls), _delete_in_batches(runs)


def _delete_in_batches(rows: QuerySet) -> int:
    """One long transaction would delay vacuum for the whole database."""
    deleted = 0
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH_SIZE]):
        deleted += len(ids)
        rows.model._base_manager.filter(pk__in=ids).delete()
    return deleted
