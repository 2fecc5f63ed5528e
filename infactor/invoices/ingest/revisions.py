"""Revision numbers of company files. They only grow, and tell whether anything has changed since."""

from collections.abc import Collection, Iterable

from django.db import connection
from django.db.models import F

from infactor.invoices.models import CompanyFile
from infactor.suppliers.models import Supplier

MAX_NAMED = 500  # invoices or customers: with more of them it takes no longer to look at everything


def increment(*, company_file_ids: Iterable[int]) -> None:
    """Increment the revision of each company file, in the caller's transaction: anything may have changed.

    Call it once after changing rows, and not at all if nothing has changed: importing known data again must write
    nothing. The files are locked in order of their ids. An import holds that lock already; other callers take it before
    they lock any rows of the file, as an import does.
    """
    keys = sorted(set(company_file_ids))
    if len(keys) > 1:
        list(CompanyFile.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").only("pk"))
    if keys:
        CompanyFile.objects.filter(pk__in=keys).update(revision=F("revision") + 1)


def increment_named(*, company_file: CompanyFile, invoice_ids: Collection[int], buyer_ids: Collection[int]) -> None:
    """Increment the revision, and note that only these invoices, and figures of these customers, have changed.

    Above MAX_NAMED of either nothing is noted. One query.
    """
    if len(invoice_ids) > MAX_NAMED or len(buyer_ids) > MAX_NAMED:
        increment(company_file_ids=[company_file.pk])
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH incremented AS (
                UPDATE invoices_companyfile SET revision = revision + 1 WHERE id = %s RETURNING id, revision
            )
            INSERT INTO invoices_namedrevision (company_file_id, revision, invoice_ids, buyer_ids)
            SELECT id, revision, %s::bigint[], %s::bigint[] FROM incremented
            """,
            [company_file.pk, sorted(invoice_ids), sorted(buyer_ids)],
        )


def by_file(*, supplier: Supplier) -> dict[int, int]:
    """The revision of each of the supplier's company files. If their sum is the same as before, nothing has changed."""
    return dict(CompanyFile.objects.filter(supplier=supplier).order_by().values_list("pk", "revision"))


def total(*, supplier: Supplier) -> int:
    """The sum of the revisions of the supplier's company files."""
    return sum(by_file(supplier=supplier).values())
