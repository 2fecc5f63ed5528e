"""A fake of Intuit's API: a local server that can fail in any way."""

import json
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from quickbooks_app.sandbox.api import query_grammar
from tests.support.payloads import NOON, answer, fault, gateway_fault, token_answer

TID = "1-tests-0001"
IDS = re.compile(r"'([^']*)'")


@dataclass
class Reply:
    """A response that the server gives once instead of its own; `body` None cuts the connection."""

    status: int = 200
    body: bytes | None = b"{}"
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    length: int | None = None
    before: Callable[[], None] | None = None


@dataclass
class Asked:
    """One request as received."""

    kind: str
    path: str
    headers: dict[str, str]
    form: dict[str, str]

    @property
    def token(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")


def refused(error: str = "invalid_grant") -> Reply:
    """An error response of the token endpoint."""
    return Reply(status=400, body=json.dumps({"error": error}).encode())


class Intuit:
    """Tokens and books over HTTP. `plan` holds the next replies by kind: discovery, token, revoke, api."""

    def __init__(self) -> None:
        self.books: dict[str, list[bytes]] = {name: [] for name in ("Customer", "Invoice", "Payment", "CreditMemo")}
        self.gone: list[tuple[str, str, datetime]] = []  # entity, id, and when it went
        self.plan: dict[str, deque[Reply]] = {}
        self.asked: list[Asked] = []
        self.clock = NOON
        self.gives_time = True  # in the answers to queries
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
            "issuer": "https://oauth.platform.intuit.com/op/v1",
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
        if asked.path.endswith("/cdc"):
            return Reply(body=self.changes(asked.form["entities"].split(","), asked.form["changedSince"]))
        if "query" not in asked.form:
            return self._read(*asked.path.split("/")[-2:])
        return Reply(body=self.answer(asked.form["query"]))

    def _read(self, url: str, qbk_id: str) -> Reply:
        entity = next(name for name in self.books if name.lower() == url)
        for raw in self.books[entity]:
            if json.loads(raw)["Id"] == qbk_id:
                return Reply(body=b'{"%s":%s}' % (entity.encode(), raw))
        return Reply(status=400, body=fault("610"))

    def _time(self) -> datetime | None:
        return self.clock if self.gives_time else None

    def delete(self, entity: str, qbk_id: str, at: datetime) -> None:
        """Delete an object, leaving the stub that change data capture reports."""
        self.books[entity] = [raw for raw in self.books[entity] if json.loads(raw)["Id"] != qbk_id]
        self.gone.append((entity, qbk_id, at))

    def changes(self, entities: list[str], since: str) -> bytes:
        """The change data capture response: at most a thousand objects, without any hint of the rest."""
        moment, room, slots = datetime.fromisoformat(since), 1000, []
        for entity in entities:
            rows = [raw for raw in self.books[entity] if moment_of(raw, "LastUpdatedTime") >= moment]
            rows += [stub(qbk_id, at) for name, qbk_id, at in self.gone if name == entity and at >= moment]
            rows = rows[:room]
            room -= len(rows)
            slots.append(b'{"%s":[%s],"startPosition":1}' % (entity.encode(), b",".join(rows)) if rows else b"{}")
        clock = self.clock.isoformat(timespec="milliseconds").encode()
        return b'{"CDCResponse":[{"QueryResponse":[%s]}],"time":"%s"}' % (b",".join(slots), clock)

    def answer(self, text: str) -> bytes:
        """The response to a query, with its order and start time applied."""
        query_grammar.parse(text)
        entity = text.split(" FROM ")[1].split()[0]
        after_select = text.split(" FROM ")[1]
        stamp = "LastUpdatedTime" if "LastUpdatedTime" in after_select else "CreateTime"
        rows = [(moment_of(raw, stamp), raw) for raw in self.books[entity]]
        if "Id IN (" in text:
            wanted = set(IDS.findall(text.split("Id IN (")[1].split(")")[0]))
            return answer(
                entity,
                [raw for _, raw in rows if json.loads(raw)["Id"] in wanted],
                time=self.clock if self.gives_time else None,
            )
        if ">=" in text:
            lower = datetime.fromisoformat(text.split(">= '")[1].split("'")[0])
            rows = [row for row in rows if row[0] >= lower]
        if "< '" in text:
            upper = datetime.fromisoformat(text.split("< '")[1].split("'")[0])
            rows = [row for row in rows if row[0] < upper]
        if "count(*)" in text:
            time = b',"time":"%s"' % self.clock.isoformat().encode() if self.gives_time else b""
            return b'{"QueryResponse":{"totalCount":%d}%s}' % (len(rows), time)
        rows.sort(key=lambda row: row[0])
        start, most = (int(text.split(word)[1].split()[0]) for word in ("STARTPOSITION", "MAXRESULTS"))
        return answer(
            entity, [raw for _, raw in rows[start - 1 : start - 1 + most]], time=self.clock if self.gives_time else None
        )


def stub(qbk_id: str, at: datetime) -> bytes:
    """The stub of a deleted object."""
    left = {"domain": "QBO", "status": "Deleted", "Id": qbk_id, "MetaData": {"LastUpdatedTime": at.isoformat()}}
    return json.dumps(left).encode()


def moment_of(raw: bytes, stamp: str) -> datetime:
    """When an object was created or updated; the earliest possible time if it does not say."""
    try:
        return datetime.fromisoformat(json.loads(raw)["MetaData"][stamp])
    except (ValueError, KeyError, TypeError):
        return datetime(1970, 1, 1, tzinfo=UTC)


KINDS = {"/.well-known": "discovery", "/oauth2/v1": "token", "/v2/oauth2": "revoke", "/v3/company": "api"}


@contextmanager
def intuit_server() -> Iterator[Intuit]:
    """Run a server on its own port until the block ends."""
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
            """Log nothing."""

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
