"""Objects looked up by their ids: those that are there, and those of which QuickBooks itself says that they are not."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple, Protocol, TypeVar

from infactor.core.bulk import InArray
from infactor.invoices.models import BooksPayment, CreditMemo, Invoice
from quickbooks_app.api.client import QuickBooksClient
from quickbooks_app.api.keyset_pagination import NAME_LISTS, Fetched, fetched
from quickbooks_app.api.query_response import Page
from quickbooks_app.errors import Transient
from quickbooks_app.models import Connection

Answer = TypeVar("Answer")
AT_ONCE = 100  # ids in one query


class Asking(Protocol):
    """Whoever holds a client whose token is kept fresh (`conversations.Conversation`)."""

    client: QuickBooksClient

    def ask(self, call: Callable[[], Answer]) -> Answer: ...


class Found(NamedTuple):
    """The objects that are there, the ids that are not, and QuickBooks' clock when it said so."""

    objects: Sequence[Fetched]
    gone: frozenset[str]
    time: datetime | None


def look_up(asking: Asking, *, entity: str, ids: Sequence[str], witness: str = "") -> Found:
    """Look `ids` up, a hundred in one query. Raises QuickBooksError.

    An answer may lack objects for other reasons than that they are gone. So each one that it lacks is read by itself,
    until QuickBooks says 610; or, with a `witness`, the id of an object that is there, the answer that holds this one
    is believed on all others.
    """
    objects: list[Fetched] = []
    gone: set[str] = set()
    time: datetime | None = None
    asked = sorted(set(ids))
    for start in range(0, len(asked), AT_ONCE):
        some = asked[start : start + AT_ONCE]
        page = asking.ask(partial(_query, asking.client, entity=entity, ids=[*some, witness] if witness else some))
        found = [fetched(raw) for raw in page.objects]
        there = {item.head.Id for item in found if item.head}
        objects += (item for item in found if item.head and item.head.Id != witness)
        time = time or page.time
        missing = [one for one in some if one not in there]
        if witness and witness not in there:
            raise Transient("QuickBooks' answer lacks an object that it has just shown.", code="incomplete")
        if witness:
            gone.update(missing)
            continue
        for one in missing:
            raw = asking.ask(partial(asking.client.read, entity=entity, qbk_id=one))
            if raw is None:
                gone.add(one)
            else:
                objects.append(fetched(raw))
    return Found(objects, frozenset(gone), time)


def belongings(*, connection: Connection, customers: Sequence[str]) -> dict[str, list[str]]:
    """The ids of everything here that names one of `customers`, by entity: when a customer goes up in another one,
    its papers are that one's, and nothing need tell of them."""
    if not customers:
        return {}
    file = connection.company_file
    named = InArray("customer_reference", customers)
    return {
        "Invoice": list(
            Invoice.objects.filter(named, company_file=file)
            .exclude(books_status="deleted")
            .values_list("qbk_invoice_id", flat=True)
        ),
        "Payment": list(
            BooksPayment.objects.filter(named, company_file=file, deleted_at__isnull=True).values_list(
                "reference", flat=True
            )
        ),
        "CreditMemo": list(
            CreditMemo.objects.filter(named, company_file=file, deleted_at__isnull=True).values_list(
                "reference", flat=True
            )
        ),
    }


def _query(client: QuickBooksClient, *, entity: str, ids: Sequence[str]) -> Page:
    listed = ", ".join(f"'{_quoted(one)}'" for one in ids)
    active = " AND Active IN (true, false)" if entity in NAME_LISTS else ""
    statement = f"SELECT * FROM {entity} WHERE Id IN ({listed}){active} MAXRESULTS {len(ids)}"  # noqa: S608  ids are quoted
    return client.query(entity=entity, statement=statement)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
