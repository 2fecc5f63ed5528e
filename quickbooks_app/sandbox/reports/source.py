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

LISTS = ("Customer", "Vendor", "Employee", "Item", "Account", "Class", "Department")

_BASES = ("Accrual", "Cash")


@dataclass(frozen=True, slots=True)
class Source:
    """One company's books as a report sees them. `lists` has the objects of each list by id."""

    journal: Journal
    parameters: Parameters
    preferences: Document
    lists: Mapping[str, dict[str, Document]]

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
        """The postings up to a day, in the accounting method of the report, for the parties that are asked for."""
        found = self.journal.until(until.isoformat())
        if self.basis() == "Cash":
            found = on_cash_basis(found)
        wanted = [*self.wanted("customer", "Customer"), *self.wanted("vendor", "Vendor")]
        return [posting for posting in found if posting.customer in wanted] if wanted else found

    def wanted(self, parameter: str, entity: str) -> list[str]:
        """The ids in a parameter. Raises BusinessFault 2500 for one that does not exist."""
        ids = self.parameters.names(parameter)
        for id in ids:
            if id not in self.lists[entity]:
                raise invalid_reference(element=parameter, value=id)
        return ids

    def party(self, id: str) -> str:
        """The name of a customer, vendor or employee, or ""."""
        for entity in ("Customer", "Vendor", "Employee"):
            if found := self.lists[entity].get(id):
                return str(found.get("FullyQualifiedName") or found["DisplayName"])
        return ""

    def fiscal_year(self, day: date) -> date:
        """The first day of the fiscal year that holds `day`."""
        return fiscal_year_start(day, first_month=self.parameters.first_month)

    def header(self, name: str, **more: str) -> Document:
        """Return a report's header; keys without a value are left out."""
        parties = {key: self.parameters.text(key.lower()) for key in ("Customer", "Vendor")}
        told = {key: value for key, value in {**more, **parties}.items() if value}
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
            StartPeriod=first.isoformat(),
            EndPeriod=last.isoformat(),
            SummarizeColumnsBy=summarized,
        )
