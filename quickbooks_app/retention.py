"""What is deleted when it is old: calls and ended runs after 90 days. What was read is never deleted."""

from datetime import datetime, timedelta

from django.db.models import Max, QuerySet

from quickbooks_app.models import ApiCall, ImportRun

KEPT = timedelta(days=90)
AT_ONCE = 5000


def prune(*, at: datetime) -> tuple[int, int]:
    """Delete old calls and old ended runs, but for each connection's last good one; how many of each."""
    calls = ApiCall.objects.filter(at__lt=at - KEPT)
    last_good = (
        ImportRun.objects.filter(state=ImportRun.State.SUCCEEDED)
        .order_by()
        .values("connection")
        .annotate(last=Max("pk"))
        .values("last")
    )
    runs = ImportRun.objects.filter(finished_at__lt=at - KEPT).exclude(pk__in=last_good)
    return _delete(calls), _delete(runs)


def _delete(rows: QuerySet) -> int:
    """A few thousand at a time: one long transaction would hold back everybody's vacuum."""
    deleted = 0
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        deleted += len(ids)
        rows.model._base_manager.filter(pk__in=ids).delete()
    return deleted
