"""The importers that the benchmark compares. Each reads all or changed invoices from `address` into the database."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Protocol


class Read(Protocol):
    def __call__(self, *, address: str, since: datetime | None) -> None: ...


@dataclass(frozen=True)
class Contender:
    """One importer: its name in the report, its module, where it stores invoices, and the measurements it supports."""

    title: str
    module: str
    function: str
    table: str
    works: tuple[str, ...] = ("first", "again", "changed", "many")

    def prepare(self) -> Callable[[], None]:
        """What the contender does before the clock starts: its imports, and its set-up."""
        module = import_module(f"tests.benchmarks.contenders.{self.module}")
        return getattr(module, "prepare", lambda: None)

    def read(self) -> Read:
        return getattr(import_module(f"tests.benchmarks.contenders.{self.module}"), self.function)


CONTENDERS = {
    "rows": Contender(
        "python-quickbooks, update_or_create for each row", "peers", "row_by_row", "benchmarks_peerinvoice"
    ),
    "bulk": Contender("python-quickbooks, bulk_create(update_conflicts)", "peers", "in_bulk", "benchmarks_peerinvoice"),
    "limit": Contender("bare msgspec decode + COPY, no documents", "limit", "copy", "benchmarks_limit", ("first",)),
    "limit-documents": Contender(
        "the same, and the compressed documents", "limit", "copy_with_documents", "benchmarks_limit", ("first",)
    ),
    "infactor": Contender("infactor, documents, history and all", "ours", "read", "invoices_invoice"),
}
