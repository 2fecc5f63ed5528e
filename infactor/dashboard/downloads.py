"""One download at a time for each person: a long file holds a thread of the web process until it ends."""

from collections.abc import Iterator

from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from infactor.core.rate_limits import too_many
from infactor.suppliers.access import signed_in_user

# The first half of the advisory locks' key, so that they never meet other ones.
LOCK_NAMESPACE = 73_001


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
    request: HttpRequest, lines: Iterator[str] | Iterator[bytes], *, name: str
) -> HttpResponse | StreamingHttpResponse:
    """The lines as a CSV file called `name`, or a page with status 429 while another download of this person runs."""
    key = signed_in_user(request).pk % 2**31
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_NAMESPACE, key])
        if not cursor.fetchone()[0]:
            return too_many(request, "Your last download is still running. Let it finish, then start the next one.")
    response = StreamingHttpResponse(_Held(lines, key=key), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
