"""The buyers of invoices by hand: the supplier's own customer of that name, else a new one."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from infactor.invoices.by_hand.entry import Entry
from infactor.invoices.debtors.company_names import normalized_name
from infactor.invoices.models import Buyer, CompanyFile
from infactor.suppliers.models import Supplier


class BuyerBook:
    """Finds, and makes, the buyers of one supplier by their names. The caller has locked the file."""

    def __init__(self, file: CompanyFile, *, at: datetime) -> None:
        self._file, self._at = file, at

    def of(self, entries: Sequence[Entry]) -> list[Buyer | None]:
        """The buyer of each entry; None where a draft names none. One query, and one more where some are new."""
        known = by_name(supplier=self._file.supplier)
        new: dict[str, Buyer] = {}
        for entry in entries:
            name = normalized_name(entry.buyer_name)
            if name and name not in known and name not in new:
                new[name] = Buyer(
                    supplier_id=self._file.supplier_id,
                    company_file=self._file,
                    reference=uuid.uuid4().hex,
                    name=entry.buyer_name,
                    full_name=entry.buyer_name,
                    company_name=entry.buyer_name,
                    email=entry.buyer_email,
                    currency=entry.currency,
                    books_updated_at=self._at,
                )
        Buyer.objects.bulk_create(new.values())
        found = {**known, **new}
        return [found.get(normalized_name(one.buyer_name)) for one in entries]


def by_name(*, supplier: Supplier) -> dict[str, Buyer]:
    """The supplier's buyers by normalized name. Of several, an active one of books comes before one by hand."""
    rows = Buyer.objects.filter(supplier=supplier, is_erased=False, is_active=True).select_related("company_file")
    found: dict[str, Buyer] = {}
    for buyer in sorted(rows, key=lambda one: (one.company_file.is_by_hand, one.is_job, one.pk)):
        for name in (buyer.full_name, buyer.name, buyer.company_name):
            if key := normalized_name(name):
                found.setdefault(key, buyer)
    return found
