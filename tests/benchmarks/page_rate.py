"""How many pages a second the site of production gives out: nginx, gunicorn with a process for each core, Redis.

The clients run on the same machine, each with a connection that it keeps, and ask again as soon as they have an answer.
"""

import os
import threading
import time
from collections import Counter

from tests.benchmarks.load import Visitor
from tests.support.processes.production_site import ProductionSite

CLIENTS = 4  # nginx lets a session have six connections


def pages_a_second(site: ProductionSite, path: str, *, cookie: str, seconds: float) -> float:
    """Starts `site`. Any other answer than 200 ends the command: it would be a rate of something else."""
    site.start(workers=os.cpu_count())
    visitors = [Visitor(site.port, number=n + 1, cookie=cookie) for n in range(CLIENTS)]
    _ask_all(visitors, path, seconds=min(seconds, 3))  # warm
    statuses = _ask_all(visitors, path, seconds=seconds)
    if set(statuses) != {200}:
        raise SystemExit(f"{path} was answered with {dict(statuses)}")
    return statuses[200] / seconds


def _ask_all(visitors: list[Visitor], path: str, *, seconds: float) -> Counter[int]:
    """How many answers of each status came within `seconds`."""
    statuses, until = Counter[int](), time.monotonic() + seconds

    def ask(visitor: Visitor) -> None:
        while True:
            status = visitor.ask(path)
            if time.monotonic() > until:
                return
            statuses[status] += 1

    threads = [threading.Thread(target=ask, args=(one,)) for one in visitors]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return statuses
