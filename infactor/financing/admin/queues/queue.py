"""A work queue of staff as data."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from infactor.core.translatable import Text
from infactor.users.models import User

Rows = Callable[[User, datetime], "QuerySet[Any]"]


@dataclass(frozen=True)
class Queue:
    """One work queue.

    `rows` are what waits in it (None: the ledger has its amounts), `since` the column with the moment since when, and
    `address` with `query` the page that lists them. `more` are further links, as (label, address).
    """

    name: str
    label: Text
    permission: str
    address: str
    query: str = ""
    rows: Rows | None = None
    since: str = "created_at"
    more: tuple[tuple[Text, str], ...] = ()
