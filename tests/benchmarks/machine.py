"""How fast this machine is right now, in three short measurements: figures of two runs compare only beside them."""

import json
import time
from collections.abc import Callable

import psycopg

from tests.benchmarks import books

DOCUMENTS = 300
COMMITS = 50


def speed(database: str) -> dict[str, float]:
    """Milliseconds, the best of three: JSON in Python, a sort in PostgreSQL, a commit that reaches the disk."""
    documents = list(books.invoices(DOCUMENTS))
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS benchmarks_machine (number integer)")

        def commit() -> None:
            for number in range(COMMITS):
                connection.execute("INSERT INTO benchmarks_machine VALUES (%s)", [number])

        return {
            f"{DOCUMENTS} invoices parsed by Python's json": _best(lambda: [json.loads(one) for one in documents]),
            "200,000 numbers hashed and sorted by PostgreSQL": _best(
                lambda: connection.execute(
                    "SELECT max(place) FROM (SELECT row_number() OVER (ORDER BY md5(number::text)) AS place "
                    "FROM generate_series(1, 200000) AS number) AS sorted"
                )
            ),
            f"{COMMITS} commits": _best(commit),
        }


def _best(work: Callable[[], object]) -> float:
    found = []
    for _ in range(3):
        began = time.perf_counter()
        work()
        found.append((time.perf_counter() - began) * 1000)
    return min(found)
