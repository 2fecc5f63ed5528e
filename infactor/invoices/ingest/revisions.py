"""Revision numbers of company files. They only grow, and tell whether anything has changed since."""

from collections.abc import Iterable

from django.db.models import F, Sum

from infactor.invoices.models import CompanyFile
from infactor.suppliers.models import Supplier


def increment(*, company_file_ids: Iterable[int]) -> None:
    """Increment the revision of each company file, in the caller's transaction.

    Call it once after changing rows, and not at all if nothing has changed: importing known data again must write
    nothing. The files are locked in order of their ids. An import holds that lock already; other callers take it before
    they lock any rows of the file, as an import does.
    """
    keys = sorted(set(company_file_ids))
    if len(keys) > 1:
        list(CompanyFile.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").only("pk"))
    if keys:
        CompanyFile.objects.filter(pk__in=keys).update(revision=F("revision") + 1)


def total(*, supplier: Supplier) -> int:
    """The sum of the revisions of the supplier's company files. If it is the same as before, nothing has changed."""
    found: int | None = CompanyFile.objects.filter(supplier=supplier).aggregate(sum=Sum("revision"))["sum"]
    return found or 0
