"""What a company lets its supplier choose: items, terms and tax codes, and the settings that decide about an invoice.

Pure but for `load`. Lists that the company pulls come from the raw store; the others are asked for, and kept for a day.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Any, NamedTuple

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from quickbooks_app.api.session import ApiSession, save_calls, take_calls
from quickbooks_app.api.transport import INTERACTIVE
from quickbooks_app.api.writes import bodies
from quickbooks_app.connections import company_profile
from quickbooks_app.documents import payloads
from quickbooks_app.models import Connection, Document, ObjectPull

KEPT = 24 * 60 * 60  # seconds
MAX_LISTED = 1000
SOLD = frozenset(
    {"Service", "Inventory", "NonInventory", ""}
)  # neither bundles, which are lines of their own, nor groups
LISTS = ("Item", "Term", "TaxCode")
COUNTRY_UNKNOWN = _(
    "QuickBooks does not say in which country this company is, so infactor does not know which taxes an invoice needs."
    " Set the country in QuickBooks’ company settings, or make the invoice there."
)


class CannotMake(Exception):
    """The supplier cannot make it here. The message says why, in the supplier's words."""


class TaxModel(StrEnum):
    """How a company's invoices are taxed. Intuit has one form for the United States, and one for everywhere else."""

    NONE = "none"  # sales tax is switched off
    MANUAL = "manual"  # United States: lines are taxed or not, by the code of the invoice
    AUTOMATED = "automated"  # United States: lines are taxed or not, and QuickBooks reckons the tax
    BY_LINE = "by_line"  # elsewhere: each line has a tax code, and GlobalTaxCalculation is required


class Item(NamedTuple):
    """What is sold; `price` in the home currency."""

    id: str
    name: str
    description: str
    price: Decimal | None
    is_taxable: bool


class Choice(NamedTuple):
    """An entry of a list: payment terms or a tax code."""

    id: str
    name: str


class Choices(NamedTuple):
    """What can be chosen on an invoice. `closed_until` is the last day of the closed books."""

    items: Sequence[Item]
    terms: Sequence[Choice]
    tax_codes: Sequence[Choice]
    tax: TaxModel
    default_tax_code: str
    needs_number: bool
    has_several_currencies: bool
    closed_until: date | None

    @property
    def is_taxed_by_item(self) -> bool:
        """Whether a line is taxed or not, by itself or as its item is: in the United States."""
        return self.tax in (TaxModel.MANUAL, TaxModel.AUTOMATED)

    def item_named(self, name: str) -> Item | None:
        """The item of that name, whatever its case; None if there is none or several."""
        found = [one for one in self.items if one.name.casefold() == name.strip().casefold()]
        return found[0] if len(found) == 1 else None


def choices_of(
    *, preferences: Mapping[str, Any], lists: Mapping[str, Iterable[Mapping[str, Any]]], country: str
) -> Choices:
    """The choices from QuickBooks' objects. Raises CannotMake where the company's country is not known."""
    tax = _tax_model(preferences.get("TaxPrefs", {}), country)
    codes = [one for one in lists["TaxCode"] if one.get("Active", True) and one.get("Id")]
    sales = preferences.get("SalesFormsPrefs", {})
    return Choices(
        items=[_item(one) for one in lists["Item"] if one.get("Active", True) and one.get("Type", "") in SOLD],
        terms=_named(lists["Term"]),
        # Elsewhere than in the United States, codes of purchases alone have no rates for sales.
        tax_codes=_named(codes if tax is TaxModel.BY_LINE else [one for one in codes if one.get("TaxGroup")]),
        tax=tax,
        default_tax_code=str(preferences.get("TaxPrefs", {}).get("TaxGroupCodeRef", {}).get("value", "")),
        needs_number=bool(sales.get("CustomTxnNumbers")),
        has_several_currencies=bool(preferences.get("CurrencyPrefs", {}).get("MultiCurrencyEnabled")),
        closed_until=_day(preferences.get("AccountingInfoPrefs", {}).get("BookCloseDate")),
    )


def load(*, connection: Connection, now: Callable[[], datetime]) -> Choices:
    """The choices of a company. Raises CannotMake, QuickBooksError."""
    key = f"quickbooks:choices:{connection.pk}"
    found = cache.get(key)
    if found is None:
        found = _read(connection, now)
        cache.set(key, found, KEPT)
    preferences, lists, country = found
    return choices_of(preferences=preferences, lists=lists, country=country)


def forget(connection: Connection) -> None:
    """Ask QuickBooks again the next time."""
    cache.delete(f"quickbooks:choices:{connection.pk}")


def _read(
    connection: Connection, now: Callable[[], datetime]
) -> tuple[Mapping[str, Any], dict[str, list[dict[str, Any]]], str]:
    with closing(ApiSession(connection=connection, now=now, timeouts=INTERACTIVE)) as session:
        try:
            preferences = session.call(partial(session.client.read, entity="Preferences", qbk_id="1"))
            country = connection.country
            if not country:
                country = company_profile.refresh(session, at=now()).country
            lists = {name: _listed(session, name) for name in LISTS}
        finally:
            save_calls(take_calls(session.calls), connection=connection, run=None, at=now())
    return bodies.decode(preferences or b"{}"), lists, country


def _listed(session: ApiSession, entity: str) -> list[dict[str, Any]]:
    is_pulled = ObjectPull.objects.filter(
        connection=session.connection, entity=entity, is_enabled=True, as_of__isnull=False
    )
    if is_pulled.exists():
        stored = Document.objects.filter(connection=session.connection, entity=entity, deleted_at=None).order_by("pk")
        return [bodies.decode(raw) for raw in payloads.read_readable(stored[:MAX_LISTED])]
    statement = f"SELECT * FROM {entity} MAXRESULTS {MAX_LISTED}"  # noqa: S608  names of our own
    answer = session.call(partial(session.client.query, entity=entity, statement=statement))
    return [bodies.decode(raw) for raw in answer.objects]


def _tax_model(preferences: Mapping[str, Any], country: str) -> TaxModel:
    if not country:
        raise CannotMake(COUNTRY_UNKNOWN)
    if country.upper() not in ("US", "USA"):
        return TaxModel.BY_LINE
    if not preferences.get("UsingSalesTax"):
        return TaxModel.NONE
    return TaxModel.AUTOMATED if preferences.get("PartnerTaxEnabled") else TaxModel.MANUAL


def _item(one: Mapping[str, Any]) -> Item:
    price = one.get("UnitPrice")
    return Item(
        id=str(one.get("Id", "")),
        name=str(one.get("FullyQualifiedName") or one.get("Name") or ""),
        description=str(one.get("Description") or ""),
        price=Decimal(price) if isinstance(price, int | Decimal) else None,
        is_taxable=bool(one.get("Taxable")),
    )


def _named(rows: Iterable[Mapping[str, Any]]) -> list[Choice]:
    return [Choice(str(one["Id"]), str(one.get("Name", one["Id"]))) for one in rows if one.get("Active", True)]


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
