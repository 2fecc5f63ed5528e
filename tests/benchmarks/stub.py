"""A minimal QuickBooks Online server, fast enough that the benchmark measures the client.

It encodes its objects once, and each response is a slice of those bytes. It counts calls, delays each query by
`latency` seconds, and changes some invoices on request.
"""

import argparse
import json
import re
import sys
import threading
import time
from bisect import bisect_left, bisect_right
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.benchmarks import books, cdc_response

REALM = "9130350000000000"
DELETED = 5
LIMIT = re.compile(r"(STARTPOSITION|MAXRESULTS)\s+(\d+)", re.IGNORECASE)
SINCE = re.compile(r"MetaData\.(CreateTime|LastUpdatedTime)\s*(>=|>)\s*'([^']+)'", re.IGNORECASE)
UNTIL = re.compile(r"MetaData\.CreateTime\s*<\s*'([^']+)'", re.IGNORECASE)
IDS = re.compile(r"\bId IN \(([^)]*)\)", re.IGNORECASE)
READ = re.compile(r"/invoice/(\d+)$")
ORDER = re.compile(r"ORDER\s?BY\s+MetaData\.(CreateTime|LastUpdatedTime)", re.IGNORECASE)


class Table:
    """All objects of one kind, ordered by creation and by last change."""

    def __init__(self, rows: list[tuple[bytes, datetime]]) -> None:
        self.objects = [raw for raw, _ in rows]
        self.made = [made for _, made in rows]
        self._arrange(dict(enumerate(self.made)))

    def change(self, changed: dict[int, bytes], at: datetime) -> None:
        """Replace objects by their new versions, saved `at`."""
        for place, raw in changed.items():
            self.objects[place] = raw
        self._arrange({**self._saved, **dict.fromkeys(changed, at)})

    def _arrange(self, saved: dict[int, datetime]) -> None:
        self._saved = saved
        self.by_change = sorted(saved, key=lambda place: saved[place])
        self.changes = [saved[place] for place in self.by_change]

    def find(self, statement: str) -> list[bytes]:
        """All objects that `statement` selects, over all pages."""
        if asked := IDS.search(statement):
            places = [int(one) - 1 for one in re.findall(r"\d+", asked[1])]  # ids count from one
            return [self.objects[place] for place in places if 0 <= place < len(self.objects)]
        given, ordered = SINCE.search(statement), ORDER.search(statement)
        column = (given or ordered)[1].lower() if given or ordered else "createtime"
        times = self.made if column == "createtime" else self.changes
        first = 0
        if given:
            moment = datetime.fromisoformat(given[3])
            first = bisect_left(times, moment) if given[2] == ">=" else bisect_right(times, moment)
        if column == "createtime":
            until = UNTIL.search(statement)
            return self.objects[first : bisect_left(times, datetime.fromisoformat(until[1])) if until else None]
        return [self.objects[place] for place in self.by_change[first:]]


class Company:
    """The books of one company, and the number of calls for them."""

    def __init__(self, *, invoices: int, latency: float) -> None:
        self.latency, self.calls, self.invoices = latency, 0, invoices
        buyers = [books.customer(number) for number in range(1, books.CUSTOMERS + 1)]
        self.tables = {
            "Customer": Table([(books.written(buyer), books.created_at(int(buyer["Id"]))) for buyer in buyers]),
            "Invoice": Table(
                list(zip(books.invoices(invoices), map(books.created_at, range(1, invoices + 1)), strict=True))
            ),
            "Payment": Table([]),
            "CreditMemo": Table([]),
        }
        self.gone: dict[int, datetime] = {}

    def change(self, count: int, version: int) -> datetime:
        """Update `count` invoices, spread over the books, to `version`, delete a few others, and return the time."""
        now = datetime.now(UTC).replace(microsecond=0)
        places = range(0, self.invoices, max(self.invoices // count, 1))[:count]
        # None of the changed ones. A deletion is only reported: the next contender still reads all invoices.
        self.gone = {place + 2: now for place in places[:: max(count // DELETED, 1)][:DELETED]}
        changed = {place: books.written(books.invoice(place + 1, version=version, updated=now)) for place in places}
        self.tables["Invoice"].change(changed, now)
        return now

    def query(self, statement: str) -> bytes:
        """The response to a query statement in QuickBooks' format."""
        time.sleep(self.latency)
        entity = next(name for name in self.tables if f"from {name.lower()}" in statement.lower())
        return _page(entity, statement, self.tables[entity])


def _page(entity: str, statement: str, table: Table) -> bytes:
    found = table.find(statement)
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    if "count(*)" in statement.lower():
        return b'{"QueryResponse":{"totalCount":%d},"time":"%s"}' % (len(found), now.encode())
    limits = {name.upper(): int(number) for name, number in LIMIT.findall(statement)}
    start = limits.get("STARTPOSITION", 1)
    page = found[start - 1 : start - 1 + min(limits.get("MAXRESULTS", 100), 1000)]
    if not page:
        return b'{"QueryResponse":{},"time":"%s"}' % now.encode()
    total = b',"totalCount":%d' % len(found) if entity == "Invoice" else b""  # as QuickBooks does
    return b'{"QueryResponse":{"%s":[%s],"startPosition":%d,"maxResults":%d%s},"time":"%s"}' % (
        entity.encode(), b",".join(page), start, len(page), total, now.encode(),
    )  # fmt: skip


def _other(path: str, base: str) -> dict[str, Any]:
    if "openid" in path:
        return {
            "issuer": "https://oauth.platform.intuit.com/op/v1",
            **{
                name: f"{base}/{name}"
                for name in (
                    "authorization_endpoint", "token_endpoint", "revocation_endpoint", "jwks_uri", "userinfo_endpoint",
                )
            },
        }  # fmt: skip
    if path.startswith("/token_endpoint"):
        return {
            "access_token": "access", "refresh_token": "refresh", "token_type": "bearer",
            "expires_in": 3600, "x_refresh_token_expires_in": 8726400,
        }  # fmt: skip
    if "companyinfo" in path:
        return {"CompanyInfo": {"CompanyName": "Bench Company", "Country": "US"}}
    return {"Preferences": {"CurrencyPrefs": {"HomeCurrency": {"value": "USD"}, "MultiCurrencyEnabled": False}}}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    company: Company

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _answer(self, body: bytes) -> None:
        path, parameters = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if path == "/bench/calls":
            return self._send(json.dumps(self.company.calls).encode())
        if path == "/bench/change":
            moment = self.company.change(int(parameters["count"][0]), int(parameters["version"][0]))
            return self._send(json.dumps(moment.isoformat()).encode())
        self.company.calls += 1
        if path.endswith("/cdc"):
            entities, since = parameters["entities"][0].split(","), parameters["changedSince"][0]
            return self._send(
                cdc_response.answer(tables=self.company.tables, gone=self.company.gone, entities=entities, since=since)
            )
        if path.endswith("/query"):
            return self._send(self.company.query(parameters["query"][0] if "query" in parameters else body.decode()))
        if read := READ.search(path):
            return self._send(b'{"Invoice":%s}' % self.company.tables["Invoice"].objects[int(read[1]) - 1])
        return self._send(json.dumps(_other(path, f"http://{self.headers['Host']}")).encode())

    def _send(self, body: bytes) -> None:
        self.send_response_only(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve(*, invoices: int, latency: float = 0, port: int = 0) -> ThreadingHTTPServer:
    """A server of books of that size on the loopback address; the caller runs it and shuts it down."""
    handler = type("BooksHandler", (Handler,), {"company": Company(invoices=invoices, latency=latency)})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    return server


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--invoices", type=int, required=True)
    parser.add_argument("--latency", type=float, default=0)
    asked = parser.parse_args()
    running = serve(invoices=asked.invoices, latency=asked.latency)
    print(running.server_address[1], flush=True)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    sys.stdin.read()  # until whoever started it is gone
