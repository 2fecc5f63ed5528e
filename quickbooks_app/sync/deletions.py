"""What is gone from QuickBooks: marked in the mirror and in the house, in the caller's transaction."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from infactor.core.bulk import InArray, update_rows
from infactor.invoices.ingest import deletions, payments
from quickbooks_app.models import Connection, Document
from quickbooks_app.sync.apply_page import write_alone
from quickbooks_app.sync.import_issues import note

WHOLE_SECOND = timedelta(seconds=1)  # QuickBooks' stamps have no smaller parts


def bury(
    *,
    connection: Connection,
    entity: str,
    gone: Mapping[str, datetime | None],
    books_time: datetime | None,
    at: datetime,
) -> int:
    """Mark the objects of these ids as gone, each with the moment at which QuickBooks says it went, else
    `books_time`, its clock when it said so. How many were not gone before.

    The moment counts as the object's version: an older one that comes late changes nothing.
    """
    if not gone:
        return 0
    write_alone(connection)
    moments = {qbk_id: moment or books_time for qbk_id, moment in gone.items()}
    documents = Document.objects.filter(
        InArray("qbk_id", moments), connection=connection, entity=entity, deleted_at__isnull=True
    )
    update_rows(
        model=Document,
        columns=["deleted_at", "books_updated_at"],
        rows=[
            [pk, at, deletions.later(updated, moments[qbk_id])]
            for pk, qbk_id, updated in documents.values_list("pk", "qbk_id", "books_updated_at")
        ],
    )
    # What is gone can no longer be mended by anyone.
    note(connection=connection, entity=entity, found={qbk_id: [] for qbk_id in moments}, at=at)
    file = connection.company_file
    match entity:
        case "Customer":
            return deletions.retire_buyers(company_file=file, gone=moments, at=at)
        case "Invoice":
            return deletions.delete_invoices(company_file=file, deleted=moments, at=at)
        case "Payment":
            return payments.forget_payments(company_file=file, references=list(moments), books_at=moments, at=at)
        case _:
            return payments.forget_credit_memos(company_file=file, references=list(moments), books_at=moments, at=at)


def dig_up(*, connection: Connection, entity: str, ids: Iterable[str], books_time: datetime | None) -> None:
    """Let any version of these objects count again: QuickBooks was asked at `books_time`, and they were there.

    What may have gone after that moment stays where it is: the answer may have been a long time on its way.
    """
    wanted = list(ids)
    if books_time is None or not wanted:
        return
    write_alone(connection)
    buried = Document.objects.filter(
        InArray("qbk_id", wanted),
        connection=connection,
        entity=entity,
        deleted_at__isnull=False,
        books_updated_at__lt=books_time - WHOLE_SECOND,
    )
    back = list(buried.values_list("qbk_id", flat=True))
    if back:
        buried.update(books_updated_at=None)
        deletions.welcome_back(company_file=connection.company_file, entity=entity, references=back)
