"""When a lost access is final: a single 403 may pass, so it counts only if it repeats over some minutes."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from quickbooks_app.api.transport import CallRecord
from quickbooks_app.errors import AuthorizationLost
from quickbooks_app.models import ApiCall, Connection

FORBIDDEN, OK = 403, 200
REPEATS_FOR = timedelta(minutes=5)


def is_final(
    *, connection: Connection, error: AuthorizationLost, unsaved: Iterable[CallRecord] = (), at: datetime
) -> bool:
    """Whether the supplier must reconnect. `unsaved` are the calls just made that are not in the database yet.

    A 403 counts after REPEATS_FOR without a single good answer. Everything else that raises AuthorizationLost is said
    by name: a dead grant, a closed company, or a new token that is refused.
    """
    if error.status != FORBIDDEN:
        return True
    if any(call.status == OK for call in unsaved):
        return False
    calls = ApiCall.objects.filter(connection=connection, at__gte=connection.connected_at)
    forbidden = calls.filter(status=FORBIDDEN)
    if last_good := calls.filter(status=OK).order_by("-at", "-pk").first():
        forbidden = forbidden.filter(pk__gt=last_good.pk)
    first = forbidden.order_by("pk").first()
    return first is not None and at - first.at >= REPEATS_FOR
