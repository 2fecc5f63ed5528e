"""Asking the books of a company once, keeping the answer, and finding it again before another call is paid for."""

from collections import deque
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial

import msgspec
import structlog
import zstandard

from infactor.core import audit
from infactor.users.models import User
from quickbooks_app.api.query_response import UnreadableResponse, parse_query_response
from quickbooks_app.api.session import ApiSession, save_calls, take_calls
from quickbooks_app.api.transport import CallRecord
from quickbooks_app.console.grids import Grid, UnreadableAnswer, query_grid, report_grid
from quickbooks_app.errors import QuickBooksError
from quickbooks_app.models import BooksAnswer, Connection

log = structlog.get_logger(__name__)

FRESH_FOR = timedelta(hours=12)  # an answer to the same question that is younger is shown instead of asking again
GIVEN_UP_AFTER = timedelta(minutes=15)  # a worker asks for five minutes at most
NOT_CONNECTED = "The company is not connected: its books cannot be asked."
INTERRUPTED = "The worker stopped before QuickBooks answered. Ask again."
Kind, State = BooksAnswer.Kind, BooksAnswer.State


class CannotAsk(Exception):
    """The question cannot be asked now. The message says why, for staff."""


def ask(
    *, connection: Connection, kind: str, name: str, parameters: Mapping[str, str], by: User, at: datetime
) -> BooksAnswer:
    """Put the question on the list of a worker. Raises CannotAsk."""
    if connection.status != Connection.Status.CONNECTED:
        raise CannotAsk(NOT_CONNECTED)
    answer = BooksAnswer.objects.create(
        connection=connection, kind=kind, name=name, parameters=dict(parameters), asked_by=by, asked_at=at
    )
    # A statement may hold names: the audit log says which object was asked for, the row what.
    audit.record(
        event="quickbooks.books_asked",
        subject=connection,
        by=by,
        at=at,
        supplier_id=connection.supplier_id,
        details={"kind": kind, "name": name},
    )
    return answer


def recent(
    *, connection: Connection, kind: str, name: str, parameters: Mapping[str, str], at: datetime
) -> BooksAnswer | None:
    """The last answer to the same question, if it is fresh or on its way."""
    found = BooksAnswer.objects.filter(
        connection=connection, kind=kind, name=name, parameters=dict(parameters), asked_at__gt=at - FRESH_FOR
    )
    return found.exclude(state=State.FAILED).first()


def fetch(*, answer_id: int, now: Callable[[], datetime]) -> None:
    """Ask QuickBooks, unless another worker does or did. Never raises QuickBooksError: the row holds it in words."""
    claimed = BooksAnswer.objects.filter(pk=answer_id, state=State.WAITING)
    if not claimed.update(state=State.ASKING, started_at=now()):
        return
    answer = BooksAnswer.objects.select_related("connection").get(pk=answer_id)
    calls: deque[CallRecord] = deque()
    try:
        with closing(ApiSession(connection=answer.connection, now=now, calls=calls)) as session:
            content = session.call(partial(_answer, session, answer))
    except QuickBooksError as error:
        _finish(answer, at=now(), state=State.FAILED, error=str(error)[:300])
    else:
        _finish(answer, at=now(), state=State.ANSWERED, content=zstandard.ZstdCompressor().compress(content))
    finally:
        save_calls(take_calls(calls), connection=answer.connection, run=None, at=now())


def waiting_ids() -> list[int]:
    """The questions that no worker has begun with, the first asked in front."""
    return list(BooksAnswer.objects.filter(state=State.WAITING).order_by("pk").values_list("pk", flat=True))


def give_up(*, at: datetime) -> int:
    """End the questions whose worker died. They are not asked again by themselves: each costs a call."""
    lost = BooksAnswer.objects.filter(state=State.ASKING, started_at__lt=at - GIVEN_UP_AFTER)
    return lost.update(state=State.FAILED, answered_at=at, error=INTERRUPTED)


def grid_of(answer: BooksAnswer) -> Grid:
    """The answer as rows and columns. Raises UnreadableAnswer."""
    content = zstandard.ZstdDecompressor().decompress(bytes(answer.content or b""))
    if answer.kind == Kind.REPORT:
        return report_grid(content)
    try:
        found = parse_query_response(content, entity=answer.name)
    except UnreadableResponse as error:
        raise UnreadableAnswer("QuickBooks' answer cannot be read.") from error
    return query_grid(found.objects, total=found.total)


def _answer(session: ApiSession, answer: BooksAnswer) -> bytes:
    if answer.kind == Kind.REPORT:
        return session.client.report(name=answer.name, **answer.parameters)
    found = session.client.query(entity=answer.name, statement=answer.parameters["asked"])
    slot: dict[str, object] = {answer.name: [msgspec.Raw(raw) for raw in found.objects]}
    if found.total is not None:
        slot["totalCount"] = found.total
    return msgspec.json.encode({"QueryResponse": slot})


def _finish(answer: BooksAnswer, *, at: datetime, **values: object) -> None:
    BooksAnswer.objects.filter(pk=answer.pk, state=State.ASKING).update(answered_at=at, **values)
