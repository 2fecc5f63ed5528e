"""QuickBooks as the tests need it: payloads byte for byte, and a small server that can misbehave in any way."""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import factory
import msgspec
from factory.django import DjangoModelFactory

from infactor.core.fields import fingerprint
from quickbooks_app.client import QuickBooksClient
from quickbooks_app.models import Connection, ImportRun
from quickbooks_app.pages import read_page
from quickbooks_app.pulling import Cursor, Fetched, Pull
from quickbooks_app.sandbox import query_grammar
from tests.factories import CompanyFileFactory, UserFactory

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
REALM = "9341450000000001"
ENCODER = msgspec.json.Encoder(decimal_format="number")
TID = "1-tests-0001"


@dataclass(frozen=True)
class Written:
    """JSON exactly as it is written here, for what no Python value stands for."""

    text: str


class Clock:
    """A clock that moves only when told, or by `step` at each look."""

    def __init__(self, at: datetime = NOON, *, step: timedelta = timedelta(0)) -> None:
        self.at, self.step = at, step

    def __call__(self) -> datetime:
        now = self.at
        self.at += self.step
        return now

    def advance(self, **span: float) -> None:
        self.at += timedelta(**span)


def encode(value: dict[str, Any]) -> bytes:
    """A payload as bytes, amounts digit for digit, `Written` values as they are."""

    def plain(member: Any) -> Any:
        if isinstance(member, Written):
            return msgspec.Raw(member.text.encode("utf-8", "surrogatepass"))
        if isinstance(member, dict):
            return {name: plain(one) for name, one in member.items()}
        return [plain(one) for one in member] if isinstance(member, list) else member

    return ENCODER.encode(plain(value))


def invoice(qbk_id: str = "130", *, without: tuple[str, ...] = (), **changes: Any) -> bytes:
    """An invoice with everything in it, as QuickBooks would send it; `changes` replace fields, `without` drops some."""
    value = {
        "AllowIPNPayment": False,
        "AllowOnlineACHPayment": True,
        "InvoiceLink": "https://connect.example/t/abc?locale=en_US",
        "domain": "QBO",
        "sparse": False,
        "Id": qbk_id,
        "SyncToken": "3",
        "MetaData": {
            "CreateTime": "2026-04-08T13:15:36-07:00",
            "LastModifiedByRef": {"value": "9341457021722234"},
            "LastUpdatedTime": "2026-05-05T02:06:31-07:00",
        },
        "CustomField": [{"DefinitionId": "1", "Name": "Crew #", "Type": "StringType", "StringValue": "102"}],
        "DocNumber": "1037",
        "TxnDate": "2026-04-08",
        "DepartmentRef": {"value": "1", "name": "North"},
        "CurrencyRef": {"value": "EUR", "name": "Euro"},
        "ExchangeRate": Decimal("1.08"),
        "PrivateNote": "Front yard",
        "LinkedTxn": [{"TxnId": "48", "TxnType": "Estimate"}, {"TxnId": "190", "TxnType": "Payment"}],
        "Line": [
            sales_line(),
            {
                "Id": "2",
                "LineNum": 2,
                "Description": "Garden bundle",
                "Amount": 0,
                "DetailType": "GroupLineDetail",
                "GroupLineDetail": {
                    "GroupItemRef": {"value": "24", "name": "Garden bundle"},
                    "Quantity": 2,
                    "Line": [{"Id": "3", "Description": "Rocks", "Amount": Decimal("200.00")}],
                },
            },
            {"Id": "4", "LineNum": 4, "Description": "Thank you", "DetailType": "DescriptionOnly"},
            {"Amount": Decimal("500.00"), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}},
            {"Amount": Decimal("50.00"), "DetailType": "DiscountLineDetail"},
        ],
        "TxnTaxDetail": {
            "TxnTaxCodeRef": {"value": "2"},
            "TotalTax": Decimal("36.00"),
            "TaxLine": [{"Amount": Decimal("36.00"), "DetailType": "TaxLineDetail"}],
        },
        "CustomerRef": {"value": "24", "name": "Sonnenschein Family Store"},
        "CustomerMemo": {"value": "Thank you for your business!"},
        "SalesTermRef": {"value": "3", "name": "Net 30"},
        "DueDate": "2026-05-08",
        "TotalAmt": Decimal("486.00"),
        "EmailStatus": "EmailSent",
        "BillEmail": {"Address": "store@example.com"},
        "Balance": Decimal("386.00"),
        "HomeBalance": Decimal("416.88"),
        **changes,
    }
    return encode({name: member for name, member in value.items() if name not in without})


def sales_line(amount: Any = Decimal("300.00"), description: str = "Custom Design") -> dict[str, Any]:
    """One line of an invoice, as QuickBooks sends it."""
    return {
        "Id": "1",
        "LineNum": 1,
        "Description": description,
        "Amount": amount,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": "4", "name": "Design"}, "UnitPrice": 75, "Qty": 4},
    }


def customer(qbk_id: str = "24", *, without: tuple[str, ...] = (), **changes: Any) -> bytes:
    """A customer with everything that is read in it."""
    value = {
        "Id": qbk_id,
        "SyncToken": "0",
        "MetaData": {"CreateTime": "2026-03-31T17:00:01-07:00", "LastUpdatedTime": "2026-04-08T13:15:36-07:00"},
        "GivenName": "Russ",
        "FamilyName": "Sonnenschein",
        "DisplayName": "Sonnenschein Family Store",
        "FullyQualifiedName": "Sonnenschein Family Store",
        "CompanyName": "Sonnenschein GmbH",
        "Active": True,
        "Job": False,
        "Balance": Decimal("386.00"),
        "CurrencyRef": {"value": "EUR", "name": "Euro"},
        "PrimaryPhone": {"FreeFormNumber": "(650) 557-8463"},
        "PrimaryEmailAddr": {"Address": "russ@sonnenschein.example"},
        **changes,
    }
    return encode({name: member for name, member in value.items() if name not in without})


def stamps(created: datetime, updated: datetime | None = None) -> dict[str, str]:
    """MetaData as QuickBooks writes it, to the second."""
    return {
        "CreateTime": created.isoformat(timespec="seconds"),
        "LastUpdatedTime": (updated or created).isoformat(timespec="seconds"),
    }


def answer(entity: str, objects: list[bytes], *, time: datetime | None = NOON) -> bytes:
    """A query's answer around `objects`."""
    inner = b'"%s":[%s],"startPosition":1,"maxResults":%d' % (entity.encode(), b",".join(objects), len(objects))
    clock = b',"time":"%s"' % time.isoformat(timespec="milliseconds").encode() if time else b""
    return b'{"QueryResponse":{%s}%s}' % (inner if objects else b"", clock)


class ConnectionFactory(DjangoModelFactory):
    class Meta:
        model = Connection

    company_file = factory.SubFactory(CompanyFileFactory)
    supplier = factory.SelfAttribute("company_file.supplier")
    environment = "local"
    realm_id = factory.Sequence(lambda n: str(int(REALM) + n))
    realm_fingerprint = factory.LazyAttribute(lambda c: fingerprint("realm", c.environment, c.realm_id))
    company_name = factory.SelfAttribute("company_file.name")
    connected_by = factory.SubFactory(UserFactory)
    connected_at = NOON - timedelta(days=1)
    access_token = "eyJ-access-0"
    access_token_expires_at = NOON + timedelta(days=30)
    refresh_token = "RT1-refresh-0"
    refresh_token_expires_at = NOON + timedelta(days=100)


class RunFactory(DjangoModelFactory):
    class Meta:
        model = ImportRun

    connection = factory.SubFactory(ConnectionFactory)
    kind = ImportRun.Kind.FULL


@dataclass
class Reply:
    """What the server answers once in place of its own answer; `body` None cuts the connection."""

    status: int = 200
    body: bytes | None = b"{}"
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    length: int | None = None
    before: Callable[[], None] | None = None


@dataclass
class Asked:
    """One request as it came."""

    kind: str
    path: str
    headers: dict[str, str]
    form: dict[str, str]

    @property
    def token(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")


def fault(code: str, *, kind: str = "ValidationFault") -> bytes:
    """A business fault, with a detail that must never be repeated."""
    error = {"Message": "message", "Detail": "Token expired: eyJ-canary-detail", "code": code}
    return json.dumps({"Fault": {"Error": [error], "type": kind}}).encode()


def gateway_fault(code: str) -> bytes:
    """The gateway's fault, in lower case."""
    error = {"message": "errorCode", "detail": "Token expired: eyJ-canary-detail", "code": code, "element": None}
    return json.dumps({"warnings": None, "fault": {"error": [error], "type": "SERVICE"}, "time": 1}).encode()


def refused(error: str = "invalid_grant") -> Reply:
    """The token endpoint says no."""
    return Reply(status=400, body=json.dumps({"error": error}).encode())


class Intuit:
    """Tokens and books over HTTP. `plan` holds what comes first, by kind: discovery, token, revoke, api."""

    def __init__(self) -> None:
        self.books: dict[str, list[bytes]] = {"Customer": [], "Invoice": []}
        self.plan: dict[str, deque[Reply]] = {}
        self.asked: list[Asked] = []
        self.clock = NOON
        self.lock = threading.Lock()
        self.issued = 0
        self.good_tokens: set[str] | None = None  # None: every access token is taken
        self.port = 0

    def then(self, kind: str, *replies: Reply) -> None:
        """Answer the next calls of `kind` with `replies`, each once."""
        self.plan.setdefault(kind, deque()).extend(replies)

    def of(self, kind: str) -> list[Asked]:
        """The calls of a kind so far."""
        return [one for one in self.asked if one.kind == kind]

    def reply(self, asked: Asked) -> Reply:
        with self.lock:
            self.asked.append(asked)
            planned = self.plan.get(asked.kind)
            reply = planned.popleft() if planned else None
        if reply is None:
            reply = getattr(self, f"_{asked.kind}")(asked)
        if reply.before:
            reply.before()
        return reply

    def _discovery(self, asked: Asked) -> Reply:
        base = f"http://127.0.0.1:{self.port}"
        document = {
            "issuer": f"{base}/op/v1",
            "authorization_endpoint": f"{base}/connect/oauth2",
            "token_endpoint": f"{base}/oauth2/v1/tokens/bearer",
            "revocation_endpoint": f"{base}/v2/oauth2/tokens/revoke",
        }
        return Reply(body=json.dumps(document).encode())

    def _token(self, asked: Asked) -> Reply:
        with self.lock:
            self.issued += 1
            number = self.issued
            if self.good_tokens is not None:
                self.good_tokens.add(f"eyJ-access-{number}")
        return Reply(body=json.dumps(token_answer(number)).encode())

    def _revoke(self, asked: Asked) -> Reply:
        return Reply(body=b"")

    def _api(self, asked: Asked) -> Reply:
        if self.good_tokens is not None and asked.token not in self.good_tokens:
            return Reply(status=401, body=gateway_fault("3200"))
        if "/companyinfo/" in asked.path:
            return Reply(body=b'{"CompanyInfo":{"CompanyName":"Larkspur Coffee","DefaultTimeZone":"America/New_York"}}')
        if asked.path.endswith("/preferences"):
            return Reply(body=b'{"Preferences":{"CurrencyPrefs":{"HomeCurrency":{"value":"USD"}}}}')
        return Reply(body=self.answer(asked.form["query"]))

    def answer(self, text: str) -> bytes:
        """A query's answer from the books, in the order and from the moment that was asked for."""
        query_grammar.parse(text)
        entity = text.split(" FROM ")[1].split()[0]
        stamp = "LastUpdatedTime" if "LastUpdatedTime" in text else "CreateTime"
        rows = [(moment_of(raw, stamp), raw) for raw in self.books[entity]]
        if ">=" in text:
            lower = datetime.fromisoformat(text.split(">= '")[1].split("'")[0])
            rows = [row for row in rows if row[0] >= lower]
        if "count(*)" in text:
            return b'{"QueryResponse":{"totalCount":%d},"time":"%s"}' % (len(rows), self.clock.isoformat().encode())
        rows.sort(key=lambda row: row[0])
        start, most = (int(text.split(word)[1].split()[0]) for word in ("STARTPOSITION", "MAXRESULTS"))
        return answer(entity, [raw for _, raw in rows[start - 1 : start - 1 + most]], time=self.clock)


def moment_of(raw: bytes, stamp: str) -> datetime:
    """When an object was made or changed; the beginning of all time where it does not say."""
    try:
        return datetime.fromisoformat(json.loads(raw)["MetaData"][stamp])
    except (ValueError, KeyError, TypeError):
        return datetime(1970, 1, 1, tzinfo=UTC)


def token_answer(number: int, **changes: Any) -> dict[str, Any]:
    """What the token endpoint gives."""
    return {
        "token_type": "bearer",
        "access_token": f"eyJ-access-{number}",
        "expires_in": 3600,
        "refresh_token": f"RT1-refresh-{number}",
        "x_refresh_token_expires_in": 8726400,
        "x_refresh_token_hard_expires_in": 157494248,
        **changes,
    }


KINDS = {"/.well-known": "discovery", "/oauth2/v1": "token", "/v2/oauth2": "revoke", "/v3/company": "api"}


@contextmanager
def intuit_server() -> Iterator[Intuit]:
    """A server of its own port, until the end of the block."""
    intuit = Intuit()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16  # one packet an answer: two of them wait for each other

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            form = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
            self._answer(parts.path, form)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if "json" in self.headers.get("Content-Type", ""):
                form = json.loads(body)
            else:
                form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            self._answer(urlsplit(self.path).path, form)

        def _answer(self, path: str, form: dict[str, str]) -> None:
            kind = next(name for start, name in KINDS.items() if path.startswith(start))
            reply = intuit.reply(Asked(kind=kind, path=path, headers=dict(self.headers), form=form))
            if reply.body is None:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in {"intuit_tid": TID, **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(reply.length or len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)
            if reply.length:
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    intuit.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield intuit
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def fetched(entity: str, *objects: bytes) -> list[Fetched]:
    """Objects as they come out of a page that holds them."""
    page = read_page(answer(entity, list(objects)), entity=entity)
    client = SimpleNamespace(query=lambda **asked: page)
    return list(Pull(entity).page(cast("QuickBooksClient", client), Cursor()).objects)
