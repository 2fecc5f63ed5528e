"""One download at a time for each person: a long file holds a thread of the web process until it ends."""

from collections.abc import Iterator
from itertools import chain, islice

from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _

from infactor.core.rate_limits import too_many

# The first half of the advisory locks' key, so that they never meet other ones.
LOCK_NAMESPACE = 73_001
CSV = "text/csv; charset=utf-8"


class _Held:
    """The lines of a file. `close`, which Django calls when the response ends however it ends, gives the lock back.

    A session's advisory lock, as a row would outlive a process that is killed. It is taken by the thread that also
    closes the response, so it is one database session.
    """

    def __init__(self, lines: Iterator[str] | Iterator[bytes], *, key: int) -> None:
        self.lines = lines
        self.key = key

    def __iter__(self) -> Iterator[str] | Iterator[bytes]:
        return self.lines

    def close(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_NAMESPACE, self.key])


def stream(
    request: HttpRequest, lines: Iterator[str] | Iterator[bytes], *, name: str, content_type: str = CSV
) -> HttpResponse | StreamingHttpResponse:
    """The lines as a file called `name`, or a page with status 429 while another download of this person runs.

    The caller has made sure that somebody is signed in. What fails before the first line fails before the file begins.
    """
    key = int(request.user.pk or 0) % 2**31
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_NAMESPACE, key])
        if not cursor.fetchone()[0]:
            return too_many(request, _("Your last download is still running. Let it finish, then start the next one."))
    held = _Held(lines, key=key)
    try:
        first = list(islice(lines, 1))
    except BaseException:
        held.close()
        raise
    held.lines = chain(first, lines)  # type: ignore[assignment]
    response = StreamingHttpResponse(held, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
