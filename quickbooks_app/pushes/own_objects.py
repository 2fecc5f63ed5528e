"""infactor's own objects in a supplier's books: what the bookkeeping wrote there, recognised when it comes back.

Ask this before an alarm about a Payment, a Deposit or a JournalEntry that a webhook, a sync or an import has brought,
and before counting one as somebody else's.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db.models import QuerySet

from infactor.invoices.models import CompanyFile
from quickbooks_app.api.writes import bodies
from quickbooks_app.documents import payloads
from quickbooks_app.models import BookkeepingEntry, Document, Push

# Where the key of an entry stands in its object, and the first word of it is read.
KEY_FIELDS = {"Payment": "PaymentRefNum", "JournalEntry": "DocNumber", "Deposit": "PrivateNote"}
UNANSWERED = (Push.State.WAITING, Push.State.SENDING)


def is_ours(*, company_file_id: int, object_name: str, object_id: str) -> bool:
    """Whether infactor wrote this object of the company: `is_ours(..., object_name="Payment", object_id="123")`."""
    return object_id in ours_among(company_file_id=company_file_id, object_name=object_name, object_ids=[object_id])


def ours_among(*, company_file_id: int, object_name: str, object_ids: Iterable[str]) -> frozenset[str]:
    """Those of `object_ids` (QuickBooks ids of `object_name`, such as Payment) that infactor wrote. Few queries.

    An object is known by its id. While infactor waits for the answer to a write it does not know the id yet: then the
    key of that write, which stands in the stored object, tells. Somebody who copies the key of a finished write into
    another object does not make it infactor's.
    """
    asked = set(object_ids)
    written = _written(company_file_id, object_name, asked)
    known = set(written.values_list("qbk_id", flat=True))
    return frozenset(known | _by_key(company_file_id, object_name, asked - known))


def changed_at(*, company_file_id: int, object_name: str, object_id: str) -> datetime | None:
    """When infactor wrote its own object, None for anybody else's. A later version of it is somebody's change."""
    written = _written(company_file_id, object_name, [object_id])
    return written.values_list("finished_at", flat=True).first()


def own_payments(company_file: CompanyFile, numbers: Mapping[str, str]) -> Collection[str]:
    """Those of {QuickBooks id: PaymentRefNum} that infactor wrote: the finder of `infactor.invoices.ingest`.

    A payment may be read before its document is stored, so the key of an unanswered write is compared with its number.
    """
    known = set(_written(company_file.pk, "Payment", numbers).values_list("qbk_id", flat=True))
    keys = (
        set(_unanswered(company_file.pk, "Payment").values_list("key", flat=True)) if known != set(numbers) else set()
    )
    return known | {qbk_id for qbk_id, number in numbers.items() if number in keys}


def key_in(raw: bytes, *, object_name: str) -> str:
    """The first word where the key of an entry stands in its object."""
    text = str(bodies.decode(raw).get(KEY_FIELDS[object_name]) or "")
    return text.split(maxsplit=1)[0] if text.strip() else ""


def _written(company_file_id: int, object_name: str, object_ids: Iterable[str]) -> QuerySet[Push]:
    """The writes of the bookkeeping that made these objects."""
    return Push.objects.filter(
        connection__company_file=company_file_id,
        purpose=Push.Purpose.BOOKKEEPING,
        state=Push.State.DONE,
        entity=object_name,
        qbk_id__in=object_ids,
    )


def _unanswered(company_file_id: int, object_name: str) -> QuerySet[BookkeepingEntry]:
    """The entries that were sent, or soon will be, and have no answer."""
    return BookkeepingEntry.objects.filter(
        connection__company_file=company_file_id, push__state__in=UNANSWERED, push__entity=object_name
    )


def _by_key(company_file_id: int, object_name: str, asked: set[str]) -> set[str]:
    """Objects with the key of a write that was sent and is not answered."""
    if not asked or object_name not in KEY_FIELDS:
        return set()
    keys = set(_unanswered(company_file_id, object_name).values_list("key", flat=True))
    if not keys:
        return set()
    stored = Document.objects.filter(
        connection__company_file=company_file_id, entity=object_name, qbk_id__in=asked, deleted_at__isnull=True
    )
    return {one.qbk_id for one in stored if key_in(payloads.read(one), object_name=object_name) in keys}
