"""Reading calls of one company: pages, counts, single objects, changes, reports, PDFs."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import quote

import msgspec
from django.conf import settings
from django.utils.translation import gettext_noop

from quickbooks_app.api.cdc_response import CdcResponse, parse_cdc_response
from quickbooks_app.api.query_response import (
    QueryResponse,
    UnreadableResponse,
    parse_object_response,
    parse_query_response,
)
from quickbooks_app.api.schemas import CompanyInfo, Preferences
from quickbooks_app.api.transport import ApiRequest, CallLimiter, CallRecord, Timeouts, Transport
from quickbooks_app.errors import NotOffered, Rejected, Transient
from quickbooks_app.objects import availability
from quickbooks_app.objects.editions import CompanyProfile
from quickbooks_app.objects.table import OBJECTS, Operation

Payload = TypeVar("Payload")

PAGE_SIZE = 1000
NOT_FOUND = "610"
UNKNOWN_COMPANY = CompanyProfile()


class ReadingClient:
    """Reads one company. `token`, the access token, may be replaced between calls.

    What an object, or the edition of `company`, does not have raises NotOffered before any call. `suspects_objects`
    says whether an internal error may be the fault of an object in the answer (see Transport).
    """

    def __init__(
        self,
        *,
        api_base: str,
        realm_id: str,
        token: str,
        record: Callable[[CallRecord], None],
        limiter: CallLimiter | None = None,
        timeouts: Timeouts | None = None,
        company: CompanyProfile = UNKNOWN_COMPANY,
    ) -> None:
        self._api_base = api_base
        self._company = f"{api_base}/v3/company/{realm_id}"
        self._realm_id = realm_id
        self.company = company
        self._transport = Transport(
            token=token,
            minor_version=settings.QUICKBOOKS_MINOR_VERSION,
            record=record,
            limiter=limiter,
            timeouts=timeouts,
        )

    @property
    def token(self) -> str:
        return self._transport.token

    @token.setter
    def token(self, token: str) -> None:
        self._transport.token = token

    @property
    def suspects_objects(self) -> Callable[[], bool]:
        return self._transport.suspects_objects

    @suspects_objects.setter
    def suspects_objects(self, suspects: Callable[[], bool]) -> None:
        self._transport.suspects_objects = suspects

    def close(self) -> None:
        """Close the HTTP connections."""
        self._transport.close()

    def query(self, *, entity: str, statement: str, ids: Sequence[str] = ()) -> QueryResponse:
        """Run a query statement and return one page. `ids` are those it asks for, if any. Raises QuickBooksError."""
        return self._query(Operation.QUERY, entity=entity, statement=statement, ids=ids)

    def count(self, *, entity: str, where: str = "") -> int:
        """The number of objects of `entity`; for name lists only the active ones, unless `where` includes others."""
        statement = f"SELECT count(*) FROM {entity} {where}".strip()  # noqa: S608  QuickBooks' query language without user input
        total = self._query(Operation.COUNT, entity=entity, statement=statement).total
        if total is None:
            raise Transient(gettext_noop("QuickBooks returned no count."), code="unreadable")
        return total

    def read(self, *, entity: str, qbk_id: str) -> bytes | None:
        """The bytes of one object, None if QuickBooks has no object with that id."""
        self.require(entity, Operation.READ)
        single = {"CompanyInfo": f"companyinfo/{self._realm_id}", "Preferences": "preferences"}
        try:
            body = self._get(
                single.get(entity) or f"{OBJECTS[entity].address}/{quote(qbk_id, safe='')}",
                operation=Operation.READ,
                entity=entity,
                object_ids=(qbk_id,),
            )
        except Rejected as error:
            if error.code == NOT_FOUND:
                return None
            raise
        return self._object_in(body, entity=entity)

    def changed_since(self, *, entities: Sequence[str], since: datetime) -> CdcResponse:
        """All changes since `since` in one call. Check `is_complete`: it may be truncated. Raises QuickBooksError."""
        start = since.astimezone(UTC).isoformat(timespec="seconds")
        body = self._get(
            "cdc", operation=Operation.CHANGES, parameters={"entities": ",".join(entities), "changedSince": start}
        )
        try:
            return parse_cdc_response(body, entities=entities)
        except UnreadableResponse as error:
            raise Transient(f"QuickBooks' response cannot be read: {error}.", code="unreadable") from error

    def report(self, *, name: str, **parameters: str) -> bytes:
        """The bytes of the report `name`. Raises QuickBooksError."""
        self.require(name, Operation.REPORT)
        return self._get(f"reports/{name}", operation=Operation.REPORT, entity=name, parameters=parameters)

    def pdf(self, *, entity: str, qbk_id: str) -> bytes:
        """A document as QuickBooks prints it. Raises QuickBooksError."""
        self.require(entity, Operation.PDF)
        return self._get(
            f"{OBJECTS[entity].address}/{quote(qbk_id, safe='')}/pdf",
            operation=Operation.PDF,
            entity=entity,
            object_ids=(qbk_id,),
            accept="application/pdf",
        )

    def company_info(self) -> CompanyInfo:
        """The company's name, time zone, country and edition."""
        body = self._get(f"companyinfo/{self._realm_id}", operation=Operation.READ, entity="CompanyInfo")
        return self._decoded(body, "CompanyInfo", CompanyInfo)

    def preferences(self) -> Preferences:
        """The company's settings, with its home currency."""
        body = self._get("preferences", operation=Operation.READ, entity="Preferences")
        return self._decoded(body, "Preferences", Preferences)

    def exchange_rate(self, *, currency: str, on: str) -> bytes:
        """The rate of `currency`, an ISO 4217 code, on the day `on` (YYYY-MM-DD), as the object ExchangeRate."""
        body = self._get(
            "exchangerate",
            operation=Operation.READ,
            entity="ExchangeRate",
            parameters={"sourcecurrencycode": currency, "asofdate": on},
        )
        return self._object_in(body, entity="ExchangeRate")

    def entitlements(self) -> bytes:
        """What the company's subscription includes. QuickBooks gives it as XML only."""
        return self._transport.send(
            ApiRequest(
                method="GET",
                url=f"{self._api_base}/manage/entitlements/v3/{self._realm_id}",
                operation=Operation.READ,
                entity="Entitlements",
                accept="application/xml",
            )
        )

    def require(self, entity: str, operation: Operation) -> None:
        """Raise NotOffered, with a sentence, for what the object or the company does not have."""
        if reason := availability.why_not(entity=entity, operation=operation, company=self.company):
            is_of_company = not availability.why_not(entity=entity, operation=operation, company=UNKNOWN_COMPANY)
            raise NotOffered(reason, may_change=is_of_company)

    def _get(
        self,
        path: str,
        *,
        operation: Operation,
        entity: str = "",
        object_ids: tuple[str, ...] = (),
        accept: str = "application/json",
        parameters: dict[str, str] | None = None,
    ) -> bytes:
        return self._transport.send(
            ApiRequest(
                method="GET",
                url=f"{self._company}/{path}",
                operation=operation,
                entity=entity,
                object_ids=object_ids,
                accept=accept,
                parameters=parameters or {},
            )
        )

    def _query(self, operation: Operation, *, entity: str, statement: str, ids: Sequence[str] = ()) -> QueryResponse:
        self.require(entity, operation)
        body = self._get(
            "query", operation=operation, entity=entity, object_ids=tuple(ids), parameters={"query": statement}
        )
        try:
            return parse_query_response(body, entity=OBJECTS[entity].json_key)
        except UnreadableResponse as error:
            raise Transient(f"QuickBooks' response cannot be read: {error}.", code="unreadable") from error

    def _object_in(self, body: bytes, *, entity: str) -> bytes:
        try:
            return parse_object_response(body, entity=OBJECTS[entity].json_key)
        except UnreadableResponse as error:
            raise Transient(f"QuickBooks' response cannot be read: {error}.", code="unreadable") from error

    def _decoded(self, body: bytes, name: str, payload: type[Payload]) -> Payload:
        try:
            return msgspec.json.decode(self._object_in(body, entity=name), type=payload)
        except msgspec.DecodeError as error:
            raise Transient(gettext_noop("QuickBooks' response cannot be read."), code="unreadable") from error
