"""How often the facts of a company file have changed: a number that only grows, to ask whether anything is new."""

from collections.abc import Iterable

from django.db.models import F, Sum

from infactor.invoices.models import CompanyFile
from infactor.suppliers.models import Supplier


def bump(*, company_file_ids: Iterable[int]) -> None:
    """Count one change of each of these company files, in the caller's transaction.

    Whoever changed rows calls it once, after them; whoever changed nothing must not, so that reading again what is
    known writes nothing. Files are locked by key, first to last. An import holds the lock already
    (`applying.write_alone`); another caller takes it before the rows of the file, as an import does.
    """
    keys = sorted(set(company_file_ids))
    if len(keys) > 1:
        list(CompanyFile.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").only("pk"))
    if keys:
        CompanyFile.objects.filter(pk__in=keys).update(revision=F("revision") + 1)


def of(*, supplier: Supplier) -> int:
    """The changes of all company files of `supplier` together. It never falls: the same number, the same facts."""
    found: int | None = CompanyFile.objects.filter(supplier=supplier).aggregate(sum=Sum("revision"))["sum"]
    return found or 0
