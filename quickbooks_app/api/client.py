"""The client of the QuickBooks API: every object of the table, read and written, with batches and files.

A write takes a `key` of the caller, which names it for ever: repeated with the same key after a crash or a lost answer,
it returns what the first one did and does nothing twice. Nothing is repeated without it.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Self
from urllib.parse import quote

import msgspec
from django.utils.translation import gettext_noop

from quickbooks_app.api.reads import ReadingClient
from quickbooks_app.api.transport import ApiRequest
from quickbooks_app.api.writes import batch, bodies, files
from quickbooks_app.api.writes.batch import BatchItem, BatchResult
from quickbooks_app.api.writes.bodies import Fields, Payload
from quickbooks_app.errors import ForbiddenWrite, ObjectMissing, Transient
from quickbooks_app.objects.table import OBJECTS, Operation

FINANCED = "The invoice is financed, so infactor neither deletes nor voids it."
ENDS = frozenset({Operation.DELETE, Operation.VOID})
NESTED = "RecurringTransaction"  # a transaction under its own name inside of it, with the id
WHOLE_DELETES = frozenset({"CreditCardPayment", NESTED})  # QuickBooks asks for the whole object


class Written(NamedTuple):
    """The answer to a write: the object's id, its new version, and its bytes; of a deletion the stub that is left."""

    qbk_id: str
    sync_token: str
    raw: bytes

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """The object in `raw`, with an empty id if it has none."""
        try:
            head = msgspec.json.decode(raw, type=_Head)
        except msgspec.DecodeError:
            head = _Head()
        return cls(head.Id, head.SyncToken, raw)


class _Head(msgspec.Struct):
    Id: str = ""
    SyncToken: str = ""


class QuickBooksClient(ReadingClient):
    """Reads and writes one company. `is_financed` says whether an invoice, by its id, is financed.

    Raises NotOffered, ForbiddenWrite, WriteRefused, OutcomeUnknown or another QuickBooksError.
    """

    def __init__(self, *, is_financed: Callable[[str], bool] | None = None, **given: Any) -> None:
        super().__init__(**given)
        self._is_financed = is_financed

    def create(self, *, entity: str, fields: Fields, key: str) -> Written:
        """Create an object."""
        return self._write(Operation.CREATE, entity=entity, body=dict(fields), key=key)

    def update(
        self, *, entity: str, qbk_id: str, sync_token: str, fields: Fields, key: str, is_full: bool = False
    ) -> Written:
        """Change the given `fields` and no others; with `is_full` all others are cleared.

        Lines of a payment are merged with those that it has now, for a call more.
        """
        self.require(entity, Operation.UPDATE)
        if entity in bodies.LINKING and "Line" in fields:
            current = self._current(entity, qbk_id)
            sync_token = current["SyncToken"]
            fields = {**fields, "Line": bodies.merged_lines(current.get("Line", []), fields["Line"])}
        body, parameters = bodies.update_body(
            entity=entity, qbk_id=qbk_id, sync_token=sync_token, fields=fields, is_full=is_full
        )
        return self._write(Operation.UPDATE, entity=entity, qbk_id=qbk_id, body=body, key=key, parameters=parameters)

    def inactivate(self, *, entity: str, qbk_id: str, sync_token: str, key: str) -> Written:
        """Make an object of a name list inactive: QuickBooks deletes none of them."""
        body = {"Id": qbk_id, "SyncToken": sync_token, "sparse": True, "Active": False}
        return self._write(Operation.INACTIVATE, entity=entity, qbk_id=qbk_id, body=body, key=key)

    def delete(self, *, entity: str, qbk_id: str, sync_token: str, key: str) -> Written:
        """Delete a transaction."""
        self.require(entity, Operation.DELETE)
        whole = self._current(entity, qbk_id) if entity in WHOLE_DELETES else {}
        head = {"Id": qbk_id, "SyncToken": sync_token}
        body = {name: {**inner, **head} for name, inner in whole.items()} if entity == NESTED else {**whole, **head}
        return self._write(
            Operation.DELETE, entity=entity, qbk_id=qbk_id, body=body, key=key, parameters={"operation": "delete"}
        )

    def void(self, *, entity: str, qbk_id: str, sync_token: str, key: str) -> Written:
        """Void a transaction: it stays, with amounts of zero."""
        body, parameters = bodies.void_body(entity=entity, qbk_id=qbk_id, sync_token=sync_token)
        return self._write(Operation.VOID, entity=entity, qbk_id=qbk_id, body=body, key=key, parameters=parameters)

    def send(self, *, entity: str, qbk_id: str, key: str, to: str = "") -> Written:
        """Let QuickBooks email a document, to its own recipient or to the address `to`."""
        return self._write(
            Operation.SEND, entity=entity, qbk_id=qbk_id, body=None, key=key, parameters={"sendTo": to} if to else {}
        )

    def batch(self, items: Sequence[BatchItem], *, key: str) -> list[BatchResult]:
        """Up to thirty writes, queries and questions for changes in one call, with a result for each.

        They do not see each other's effects.
        """
        for item in items:
            for entity in item.entities or (item.entity,):
                self.require(entity, item.operation)
            if item.operation != Operation.CREATE and item.operation not in batch.READS:
                self._require_allowed(item.operation, entity=item.entity, qbk_id=str(item.fields["Id"]))
        answer = self._transport.send(
            ApiRequest(
                method="POST",
                url=f"{self._company}/batch",
                operation=Operation.BATCH,
                body=batch.body_of(items),
                request_id=bodies.request_id(key),
                object_ids=tuple(str(item.fields["Id"]) for item in items if "Id" in item.fields),
                holds_query=any(item.operation in batch.READS for item in items),
                turns=batch.TURNS,
            )
        )
        return batch.results_of(answer, items=items)

    def upload(self, upload: files.Upload, *, key: str) -> Written:
        """Attach a file, 100 MB at most with what surrounds it. It is sent piece by piece."""
        self.require("Attachable", Operation.UPLOAD)
        boundary = uuid.uuid4().hex
        answer = self._transport.send(
            ApiRequest(
                method="POST",
                url=f"{self._company}/upload",
                operation=Operation.UPLOAD,
                entity="Attachable",
                body=files.MultipartBody(upload, boundary=boundary),
                content_type=f"multipart/form-data; boundary={boundary}",
                request_id=bodies.request_id(key),
                ids_of_answer=lambda body: (Written.from_bytes(files.attachable_in(body)).qbk_id,),
            )
        )
        return Written.from_bytes(files.attachable_in(answer))

    def download(self, qbk_id: str) -> Iterator[bytes]:
        """The content of an attached file, in pieces of up to 256 KB. QuickBooks names a temporary address first."""
        self.require("Attachable", Operation.DOWNLOAD)
        address = self._get(
            f"download/{quote(qbk_id, safe='')}",
            operation=Operation.DOWNLOAD,
            entity="Attachable",
            object_ids=(qbk_id,),
            accept="text/plain",
        )
        return self._transport.fetch(files.trusted_address(address, api_base=self._api_base), most=files.MAX_BYTES)

    def _write(
        self,
        operation: Operation,
        *,
        entity: str,
        key: str,
        body: Payload | None,
        qbk_id: str = "",
        parameters: dict[str, str] | None = None,
    ) -> Written:
        self.require(entity, operation)
        self._require_allowed(operation, entity=entity, qbk_id=qbk_id)
        found = OBJECTS[entity]
        is_send = operation == Operation.SEND
        path = f"{found.address}/{quote(qbk_id, safe='')}/send" if is_send else found.address
        answer = self._transport.send(
            ApiRequest(
                method="POST",
                url=f"{self._company}/{path}",
                operation=operation,
                entity=entity,
                parameters=parameters or {},
                body=b"" if body is None else bodies.encode(body),
                content_type="application/octet-stream" if is_send else "application/json",
                request_id=bodies.request_id(key),
                object_ids=(qbk_id,) if qbk_id else (),
                ids_of_answer=lambda answer: (self._written(answer, entity=entity).qbk_id,),
            )
        )
        return self._written(answer, entity=entity)

    def _written(self, answer: bytes, *, entity: str) -> Written:
        if entity == "TaxService":
            return Written("", "", answer)  # its answer names the new tax code and rates, without an object around them
        try:
            raw = self._object_in(answer, entity=entity)
        except Transient as error:
            error.may_be_done = True  # it was answered, in whatever words
            raise
        if entity == NESTED:
            (inner,) = msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).values()
            return Written.from_bytes(bytes(inner))._replace(raw=raw)
        return Written.from_bytes(raw)

    def _require_allowed(self, operation: Operation, *, entity: str, qbk_id: str) -> None:
        if entity != "Invoice" or operation not in ENDS:
            return
        if self._is_financed is None or self._is_financed(qbk_id):
            raise ForbiddenWrite(FINANCED)

    def _current(self, entity: str, qbk_id: str) -> Payload:
        raw = self.read(entity=entity, qbk_id=qbk_id)
        if raw is None:
            raise ObjectMissing(gettext_noop("It is deleted in QuickBooks."), code="610")
        return bodies.decode(raw)
