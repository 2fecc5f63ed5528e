"""Writes objects of one company: each once for its key, merged with others' changes, with the answer kept.

The key names a write for ever. After a crash between QuickBooks' answer and its storing, the caller repeats the call
with the same key: QuickBooks gives the first answer again and does nothing twice. Another write needs another key.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from functools import partial
from typing import TypeVar

from django.utils.translation import gettext_noop

from quickbooks_app.api.client import Written
from quickbooks_app.api.session import ApiSession, save_calls, take_calls
from quickbooks_app.api.transport import CallRecord
from quickbooks_app.api.writes import bodies
from quickbooks_app.api.writes.batch import MAX_ITEMS, BatchItem, BatchResult
from quickbooks_app.api.writes.bodies import Fields, Payload
from quickbooks_app.api.writes.files import Upload
from quickbooks_app.connections import company_profile
from quickbooks_app.documents import payloads
from quickbooks_app.errors import EditConflict, NotOffered, ObjectMissing, StaleObject
from quickbooks_app.models import Connection
from quickbooks_app.objects.table import Operation
from quickbooks_app.writing import answers, finding, merging

Result = TypeVar("Result")
PAGE = 1000
AGAIN = "\x00merged"  # ends the key of the one repetition after a conflict


@contextmanager
def object_writer(*, connection: Connection, now: Callable[[], datetime]) -> Iterator["ObjectWriter"]:
    """A writer for `connection`. Its calls are recorded, whatever happens. Raises QuickBooksError."""
    calls: deque[CallRecord] = deque()
    try:
        with closing(ApiSession(connection=connection, now=now, calls=calls)) as session:
            yield ObjectWriter(session=session, now=now)
    finally:
        save_calls(take_calls(calls), connection=connection, run=None, at=now())


class ObjectWriter:
    """Every method raises QuickBooksError; those of quickbooks_app.errors say what the caller can do."""

    def __init__(self, *, session: ApiSession, now: Callable[[], datetime]) -> None:
        self._session, self._client, self._now = session, session.client, now
        self._connection = session.connection

    def create(self, *, entity: str, fields: Fields, key: str) -> Written:
        """Create an object."""
        return self._save(entity, self._call(partial(self._client.create, entity=entity, fields=fields, key=key)))

    def find(self, *, entity: str, fields: Fields) -> Written | None:
        """The object that was created with `fields` before, by the key or the name that it carries; None if none was.

        This finds it also when QuickBooks no longer remembers the key of the request.
        """
        search = finding.search_for(entity=entity, fields=fields)
        start = 1
        while True:
            statement = f"{search.statement} STARTPOSITION {start} MAXRESULTS {PAGE}"
            page = self._call(partial(self._client.query, entity=entity, statement=statement)).objects
            for raw in page:
                if search.matches(bodies.decode(raw)):
                    return self._save(entity, Written.from_bytes(raw))
            if len(page) < PAGE:
                return None
            start += PAGE

    def read(self, *, entity: str, qbk_id: str) -> Written:
        """The object as it is now in QuickBooks, for a metered call. Raises ObjectMissing if it is deleted."""
        return self._read(entity, qbk_id)

    def update(
        self,
        *,
        entity: str,
        qbk_id: str,
        fields: Fields,
        key: str,
        decided: Fields | None = None,
        is_repeated: bool = False,
    ) -> Written:
        """Change `fields` of an object. If it was changed meanwhile, it is read again and merged, once.

        `decided` has the SyncToken and the fields of the version on which the change was decided; without it that is
        the stored one. `is_repeated`: an earlier call with this key may have been done, so it is repeated as it was.
        Raises EditConflict if somebody changed the same fields, StaleObject if it changed a second time.
        """
        change = partial(self._client.update, entity=entity, qbk_id=qbk_id, fields=fields)
        base = decided if decided and is_repeated else self._base(entity, qbk_id)
        if decided:
            self._require_unchanged(entity, wanted=fields, base=decided, current=base)
            base = {**decided, "SyncToken": base["SyncToken"]}
        try:
            return self._save(entity, self._call(partial(change, sync_token=base["SyncToken"], key=key)))
        except StaleObject:
            current = self._read(entity, qbk_id)
        found = bodies.decode(current.raw)
        if fields and merging.holds(found, dict(fields)):
            return current  # this very change, whose answer was lost
        self._require_unchanged(entity, wanted=fields, base=base, current=found)
        merged = partial(change, sync_token=current.sync_token, key=key + AGAIN)
        return self._save(entity, self._call(merged))

    def inactivate(self, *, entity: str, qbk_id: str, key: str) -> Written:
        """Make an object of a name list inactive."""
        self._call(partial(self._client.require, entity, Operation.INACTIVATE))
        return self.update(entity=entity, qbk_id=qbk_id, fields={"Active": False}, key=key)

    def delete(self, *, entity: str, qbk_id: str, key: str, decided: Fields | None = None) -> None:
        """Delete a transaction as it was `decided`, or as it is stored. One that changed is read again and left."""
        self._end(self._client.delete, entity=entity, qbk_id=qbk_id, key=key, decided=decided)
        answers.save_deletion(connection=self._connection, entity=entity, qbk_id=qbk_id, at=self._now())

    def void(self, *, entity: str, qbk_id: str, key: str, decided: Fields | None = None) -> Written:
        """Void a transaction as it was `decided`, or as it is stored. One that changed is read again and left."""
        end = self._end(self._client.void, entity=entity, qbk_id=qbk_id, key=key, decided=decided)
        return self._save(entity, end)

    def send(self, *, entity: str, qbk_id: str, key: str, to: str = "") -> Written:
        """Let QuickBooks email a document."""
        return self._save(entity, self._call(partial(self._client.send, entity=entity, qbk_id=qbk_id, key=key, to=to)))

    def upload(self, upload: Upload, *, key: str) -> Written:
        """Attach a file."""
        return self._save("Attachable", self._call(partial(self._client.upload, upload, key=key)))

    def batch(self, items: Sequence[BatchItem], *, key: str) -> list[BatchResult]:
        """Many writes, thirty in one call. Each result is kept; errors of single items are in the results."""
        results: list[BatchResult] = []
        for start in range(0, len(items), MAX_ITEMS):
            part = items[start : start + MAX_ITEMS]
            answered = self._call(partial(self._client.batch, part, key=f"{key}\x00{start}"))
            for result in answered:
                self._keep(result)
            results += answered
        return results

    def _keep(self, result: BatchResult) -> None:
        if result.raw is None:
            return
        entity = result.item.entity
        if result.item.operation == Operation.DELETE:
            answers.save_deletion(
                connection=self._connection, entity=entity, qbk_id=str(result.item.fields["Id"]), at=self._now()
            )
        else:
            self._save(entity, Written.from_bytes(result.raw))

    def _end(
        self, end: Callable[..., Written], *, entity: str, qbk_id: str, key: str, decided: Fields | None
    ) -> Written:
        base = decided or self._base(entity, qbk_id)
        request = partial(end, entity=entity, qbk_id=qbk_id, sync_token=base["SyncToken"], key=key)
        try:
            return self._call(request)
        except StaleObject:
            self._read(entity, qbk_id)
            raise

    def _call(self, request: Callable[[], Result]) -> Result:
        """The result of `request`. Before an edition is the reason to refuse it, it is read anew, once a day."""
        try:
            return self._session.call(request)
        except NotOffered as error:
            if not error.may_change or not company_profile.is_old(self._connection, at=self._now()):
                raise
            company_profile.refresh(self._session, at=self._now())
            self._connection.refresh_from_db(fields=["edition", "country", "company_read_at"])
        return self._session.call(request)

    def _save(self, entity: str, written: Written) -> Written:
        answers.save(connection=self._connection, entity=entity, written=written, at=self._now())
        return written

    @staticmethod
    def _require_unchanged(entity: str, *, wanted: Fields, base: Fields, current: Fields) -> None:
        if both := merging.conflicting_fields(entity=entity, wanted=wanted, base=base, current=current):
            raise EditConflict(
                f"Somebody has changed the same in QuickBooks meanwhile: {', '.join(sorted(both))}.", fields=both
            )

    def _base(self, entity: str, qbk_id: str) -> Payload:
        """The object as it is stored; only one that is not stored is read."""
        document = answers.stored(connection=self._connection, entity=entity, qbk_id=qbk_id)
        return bodies.decode(payloads.read(document) if document else self._read(entity, qbk_id).raw)

    def _read(self, entity: str, qbk_id: str) -> Written:
        raw = self._call(partial(self._client.read, entity=entity, qbk_id=qbk_id))
        if raw is None:
            answers.save_deletion(connection=self._connection, entity=entity, qbk_id=qbk_id, at=self._now())
            raise ObjectMissing(gettext_noop("It is deleted in QuickBooks."), code="610")
        return self._save(entity, Written.from_bytes(raw))
