"""What a report is computed from: the journal, the lists, the preferences and the question's parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from quickbooks_app.sandbox.ledger.cash_basis import on_cash_basis
from quickbooks_app.sandbox.ledger.journal import Journal
from quickbooks_app.sandbox.ledger.postings import Posting
from quickbooks_app.sandbox.reports.parameters import Parameters
from quickbooks_app.sandbox.reports.periods import fiscal_year_start
from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.documents import Document
from quickbooks_app.sandbox.runtime.errors import invalid_reference

LISTS = (
    "Customer",
    "Vendor",
    "Employee",
    "Item",
    "Account",
    "Class",
    "Department",
    "Term",
    "PaymentMethod",
    "JournalCode",
)
# What a parameter filters by: the list whose objects it names, and where a posting names them. Customers, vendors and
# employees share one run of ids.
_FILTERS = {
    "customer": ("Customer", "customer"),
    "vendor": ("Vendor", "customer"),
    "employee": ("Employee", "customer"),
    "class": ("Class", "class_id"),
    "department": ("Department", "department"),
    "item": ("Item", "item_id"),
}

_BASES = ("Accrual", "Cash")


@dataclass(frozen=True, slots=True)
class Source:
    """One company's books as a report sees them. `lists` has the objects of each list by id.

    `takes` are the parameters that the report knows, beside those of its period.
    """

    journal: Journal
    parameters: Parameters
    preferences: Document
    lists: Mapping[str, dict[str, Document]]
    takes: frozenset[str] = frozenset()

    @property
    def home(self) -> str:
        return str(self.preferences["CurrencyPrefs"]["HomeCurrency"]["value"])

    @property
    def has_currencies(self) -> bool:
        return bool(self.preferences["CurrencyPrefs"]["MultiCurrencyEnabled"])

    def basis(self) -> str:
        """The accounting method that is asked for, or else the one that the company prefers."""
        preferred = str(self.preferences.get("ReportPrefs", {}).get("ReportBasis", _BASES[0]))
        others = tuple(basis for basis in _BASES if basis != preferred)
        return self.parameters.choice("accounting_method", among=(preferred, *others))

    def postings(self, *, until: date) -> list[Posting]:
        """The postings up to a day, in the accounting method of the report, as far as its filters take them."""
        found = self.journal.until(until.isoformat())
        if self.basis() == "Cash":
            found = on_cash_basis(found)
        filters: dict[str, set[str]] = {}
        for parameter, (entity, named_by) in _FILTERS.items():
            if ids := self.wanted(parameter, entity):
                filters.setdefault(named_by, set()).update(ids)
        for named_by, wanted in filters.items():
            found = [posting for posting in found if getattr(posting, named_by) in wanted]
        return found

    def wanted(self, parameter: str, entity: str) -> list[str]:
        """The ids in a parameter. Raises BusinessFault 2500 for one that does not exist."""
        ids = self.parameters.names(parameter) if parameter in self.takes else []
        for id in ids:
            if id not in self.lists[entity]:
                raise invalid_reference(element=parameter, value=id)
        return ids

    def party(self, id: str) -> str:
        """The name of a customer, vendor or employee, or ""."""
        return self.name("Customer", id) or self.name("Vendor", id) or self.name("Employee", id)

    def name(self, entity: str, id: str) -> str:
        """The name of an object of a list, or ""."""
        found = self.lists[entity].get(id, {})
        return str(found.get("FullyQualifiedName") or found.get("DisplayName") or found.get("Name", ""))

    def fiscal_year(self, day: date) -> date:
        """The first day of the fiscal year that holds `day`."""
        return fiscal_year_start(day, first_month=self.parameters.first_month)

    def header(self, name: str, **more: str) -> Document:
        """Return a report's header; keys without a value are left out."""
        asked = {
            parameter.capitalize(): ",".join(self.wanted(parameter, entity[0]))
            for parameter, entity in _FILTERS.items()
        }
        told = {key: value for key, value in {**more, **asked}.items() if value}
        return {
            "Time": clock.format_timestamp(self.parameters.at),
            "ReportName": name,
            **told,
            "Currency": self.home,
        }

    def period_header(self, name: str, *, basis: str = "", summarized: str = "") -> Document:
        """Return the header of a report for a period."""
        first, last, macro = self.parameters.period()
        return self.header(
            name,
            DateMacro=macro,
            ReportBasis=basis,
            StartPeriod="" if macro == "all" else first.isoformat(),
            EndPeriod="" if macro == "all" else last.isoformat(),
            SummarizeColumnsBy=summarized,
        )
