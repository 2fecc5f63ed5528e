"""Send prepared requests at a fixed rate, whatever the answers do (open loop), in a process of its own.

Each request has its moment. Its time runs from that moment, not from when a connection was free, so a server that falls
behind cannot hide it. One whose moment passed PATIENCE ago is not sent any more, and is counted.
"""

import json
import pickle
import select
import socket
import sys
import time
from array import array
from collections import Counter, deque
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

PATIENCE = 3.0  # seconds: what Intuit waits for an answer
LATE = 0.010  # seconds after its moment: sent late, because no connection was free or the sender was slow
END = b"\r\n\r\n"


class Sent(NamedTuple):
    """What became of each request, in their order: status 0 was not answered, None was not sent."""

    statuses: list[int | None]
    seconds: list[float]  # from its moment to its answer, of those that were answered
    late: int  # sent more than LATE after their moment
    processor: float  # seconds of the sender's own


class _Connection:
    """One connection with at most one request under way."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.number = -1
        self._open()

    def _open(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def send(self, request: bytes, number: int) -> None:
        self.number, self.received = number, b""
        self.socket.sendall(request)

    def receive(self) -> int | None:
        """The status, once the answer is whole; 0 if the connection ended without one; None if more must come."""
        try:
            part = self.socket.recv(65536)
        except OSError:
            part = b""
        self.received += part
        head, ended, body = self.received.partition(END)
        if not ended:
            return None if part else 0
        lines = head.lower().split(b"\r\n")
        length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
        if len(body) < length:
            return None if part else 0
        self.closes = b"connection: close" in lines
        return int(head[9:12])

    closes = False

    def reopen(self) -> None:
        self.socket.close()
        self.closes = False
        self._open()


def send(requests: Sequence[bytes], *, port: int, rate: float, connections: int) -> Sent:
    """Send them all, `rate` a second, over so many connections at most."""
    statuses: list[int | None] = [None] * len(requests)
    seconds = array("d")
    late = following = under_way = 0
    poll = select.epoll()
    by_file: dict[int, _Connection] = {}
    idle: deque[_Connection] = deque()

    def watch(one: _Connection) -> None:
        by_file[one.socket.fileno()] = one
        poll.register(one.socket, select.EPOLLIN)
        idle.append(one)

    def renew(one: _Connection) -> None:
        poll.unregister(one.socket)
        del by_file[one.socket.fileno()]
        one.reopen()
        watch(one)

    for _ in range(connections):
        watch(_Connection(port))
    start = time.perf_counter() + 0.1
    last_answer_until = start + len(requests) / rate + PATIENCE
    while following < len(requests) or under_way:
        now = time.perf_counter()
        if now > last_answer_until:
            break
        while following < len(requests) and start + following / rate <= now:
            behind = now - (start + following / rate)
            if behind > PATIENCE:
                following += 1
                continue
            if not idle:
                break
            one = idle.popleft()
            one.send(requests[following], following)
            statuses[following] = 0
            late += behind > LATE
            following += 1
            under_way += 1
        pause = start + following / rate - time.perf_counter() if idle and following < len(requests) else 0.05
        for file, _ in poll.poll(max(pause, 0.0)):
            one = by_file[file]
            if one.number < 0:  # an idle connection was closed by the server
                idle.remove(one)
                renew(one)
                continue
            status = one.receive()
            if status is None:
                continue
            statuses[one.number] = status
            if status:
                seconds.append(time.perf_counter() - (start + one.number / rate))
            one.number = -1
            under_way -= 1
            if one.closes or not status:
                renew(one)
            else:
                idle.append(one)
    return Sent(statuses, list(seconds), late, time.process_time())


def describe(sent: Sent) -> dict[str, str]:
    """The lines of the report about the sender and the answers."""
    counts = Counter(status for status in sent.statuses if status is not None)
    others = dict(counts - Counter({200: counts[200]}))
    ordered = sorted(sent.seconds) or [0.0]
    p50, p99, slowest = (1000 * ordered[int(part * (len(ordered) - 1))] for part in (0.5, 0.99, 1.0))
    return {
        "not sent in time": f"{sent.statuses.count(None):,} of {len(sent.statuses):,}; {sent.late:,} sent late",
        "answered 200": f"{counts[200]:,} of {len(sent.statuses):,}; others {others}",
        "from its moment": f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, the slowest {slowest:.0f} ms",
    }


def main(arguments: Sequence[str]) -> None:
    """For the process: read pickled requests from the first file, write what became of them to the second."""
    source, target, port, rate, connections = arguments
    requests: list[bytes] = pickle.loads(Path(source).read_bytes())  # noqa: S301  made by the benchmark itself
    sent = send(requests, port=int(port), rate=float(rate), connections=int(connections))
    Path(target).write_text(json.dumps(sent))


if __name__ == "__main__":
    main(sys.argv[1:])
