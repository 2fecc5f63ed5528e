"""What the pages of invoices by hand have in common: the supplier's invoice, and the currencies to choose from."""

from uuid import UUID

from django.http import Http404

from infactor.financing.models import FundingTerms
from infactor.invoices import selectors
from infactor.invoices.models import CompanyFile, Invoice
from infactor.suppliers.models import Supplier


def get_own(supplier: Supplier, public_id: UUID) -> Invoice:
    """The supplier's invoice; another supplier's is not found."""
    try:
        return selectors.get_invoice(supplier=supplier, public_id=public_id)
    except Invoice.DoesNotExist as missing:
        raise Http404 from missing


def currencies_of(supplier: Supplier, *, but: str = "") -> list[str]:
    """The supplier's own currencies first, then those that infactor finances. Never empty."""
    files = CompanyFile.objects.filter(supplier=supplier).exclude(home_currency="")
    home = list(files.order_by("pk").values_list("home_currency", flat=True))
    financed = sorted(set(FundingTerms.objects.order_by().values_list("currency", flat=True)))
    return list(dict.fromkeys([*home, *financed, *([but] if but else [])])) or ["USD"]
