"""Questions of the books console: a report, a query, the same again, the next page."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.decisions import DecisionView, RowDecision
from infactor.core.admin.formatting import change_url
from infactor.core.admin.tables import Facts
from infactor.core.business_day import business_day
from infactor.core.form_fields import DayInput
from infactor.core.translatable import Text
from infactor.suppliers.access import signed_in_user
from quickbooks_app import tasks
from quickbooks_app.console import answers
from quickbooks_app.console.answers import CannotAsk, Kind, State
from quickbooks_app.console.reports import ACCRUAL, CASH, MONTH, QUARTER, REPORTS, TOTAL
from quickbooks_app.console.statements import PAGE_SIZE, InvalidStatement, parse_statement
from quickbooks_app.models import BooksAnswer, Connection
from quickbooks_app.objects.editions import CompanyProfile

PERMISSION = "quickbooks_app.ask_books"
COST = gettext_lazy("QuickBooks counts each answer as one metered call of the month, live companies' ones only.")


class QuestionForm(forms.Form):
    """Whether an answer that is here already will do."""

    ask_again = forms.BooleanField(
        label=gettext_lazy("Ask QuickBooks even if an answer is here"),
        required=False,
        help_text=gettext_lazy("Otherwise an answer to the same question of the last twelve hours is shown."),
    )


class ReportForm(QuestionForm):
    """Asks which report, of which days, and how it is reckoned."""

    report = forms.ChoiceField(
        label=gettext_lazy("Report"), choices=[(one.name, f"{one.title}: {one.use}") for one in REPORTS.values()]
    )
    start = forms.DateField(widget=DayInput(), label=gettext_lazy("From"))
    end = forms.DateField(widget=DayInput(), label=gettext_lazy("To, or as of"))
    basis = forms.ChoiceField(choices=[(ACCRUAL, ACCRUAL), (CASH, CASH)], label=gettext_lazy("Accounting basis"))
    by = forms.ChoiceField(
        choices=[
            (TOTAL, gettext_lazy("One column")),
            (MONTH, gettext_lazy("By month")),
            (QUARTER, gettext_lazy("By quarter")),
        ],
        label=gettext_lazy("Columns"),
    )
    field_order = ("report", "start", "end", "basis", "by", "ask_again")

    def clean(self) -> dict[str, Any]:
        """Refuse days that end before they begin."""
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and data["start"] > data["end"]:
            self.add_error("end", _("It is before the first day."))
        return data


class QueryForm(QuestionForm):
    """Asks for a statement."""

    statement = forms.CharField(
        label=gettext_lazy("Statement"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Such as: SELECT * FROM Bill WHERE Balance > '0' ORDERBY DueDate",
    )
    field_order = ("statement", "ask_again")


class _QuestionView(RowDecision, DecisionView):
    """Ask QuickBooks, or show the answer that is here already."""

    row: Connection
    permission = PERMISSION
    button = gettext_lazy("Show")
    refusals = (CannotAsk, InvalidStatement)
    notes: Sequence[Text] = (COST,)
    answer: BooksAnswer | None = None

    @classmethod
    def is_possible(cls, row: Connection) -> bool:
        return row.status == Connection.Status.CONNECTED

    def blocker(self) -> str:
        return "" if self.is_possible(self.row) else answers.NOT_CONNECTED

    def facts(self) -> Facts:
        return [(_("Company"), self.row.company_name), (_("Supplier"), self.row.supplier)]

    def get_success_url(self) -> str:
        return change_url(self.answer) if self.answer else change_url(self.row)

    def show(self, *, kind: str, name: str, parameters: dict[str, str], ask_again: bool) -> str:
        """The recent answer, or a new one; its page is the next one."""
        question: dict[str, Any] = {"connection": self.row, "kind": kind, "name": name, "parameters": parameters}
        at = timezone.now()
        self.answer = None if ask_again else answers.recent(**question, at=at)
        if self.answer is not None:
            return _("This answer was here already. No call was made.")
        self.answer = _ask(question, request=self.request)
        return _("QuickBooks is being asked. Reload this page in a few seconds.")


class ReportView(_QuestionView):
    """A report."""

    name = "report"
    label = gettext_lazy("Books: a report")
    title = gettext_lazy("A report of the books")
    form_class = ReportForm

    def get_initial(self) -> dict[str, Any]:
        today = business_day(timezone.now())
        return {"start": date(today.year, 1, 1), "end": today, "report": self.request.GET.get("report", "")}

    def perform(self, form: Any) -> str:
        data = form.cleaned_data
        report = REPORTS[data["report"]]
        parameters = report.parameters(start=data["start"], end=data["end"], basis=data["basis"], by=data["by"])
        return self.show(kind=Kind.REPORT, name=report.name, parameters=parameters, ask_again=data["ask_again"])


class QueryView(_QuestionView):
    """The result of a query."""

    name = "query"
    label = gettext_lazy("Books: a query")
    title = gettext_lazy("A query of the books")
    form_class = QueryForm
    notes = (
        COST,
        format_lazy(gettext_lazy("A query reads and cannot change anything. A page has {size} rows."), size=PAGE_SIZE),
    )

    def perform(self, form: Any) -> str:
        company = CompanyProfile(edition=self.row.edition, country=self.row.country)
        statement = parse_statement(form.cleaned_data["statement"], company=company)
        parameters = {"statement": statement.text, "page": "1", "asked": statement.page(1)}
        return self.show(
            kind=Kind.QUERY,
            name=statement.entity,
            parameters=parameters,
            ask_again=form.cleaned_data["ask_again"],
        )


class AskAgainView(RowDecision, DecisionView):
    """The same question once more."""

    row: BooksAnswer
    name = "ask_again"
    label = button = gettext_lazy("Ask again")
    title = gettext_lazy("Ask QuickBooks again")
    permission = PERMISSION
    refusals = (CannotAsk,)
    notes = (COST,)
    new: BooksAnswer | None = None

    @classmethod
    def is_possible(cls, row: BooksAnswer) -> bool:
        return row.answered_at is not None

    @classmethod
    def blocker_of(cls, row: BooksAnswer) -> str:
        return _("It is still being asked.")

    def get_parameters(self) -> dict[str, str]:
        return dict(self.row.parameters)

    def facts(self) -> Facts:
        return [
            (_("Company"), self.row.connection.company_name),
            *((name.replace("_", " ").capitalize(), value) for name, value in self.get_parameters().items()),
        ]

    def get_success_url(self) -> str:
        return change_url(self.new or self.row)

    def perform(self, form: Any) -> str:
        question = {
            "connection": self.row.connection,
            "kind": self.row.kind,
            "name": self.row.name,
            "parameters": self.get_parameters(),
        }
        self.new = _ask(question, request=self.request)
        return _("QuickBooks is being asked. Reload this page in a few seconds.")


class NextPageView(AskAgainView):
    """The next page of a query."""

    name = "next_page"
    label = button = gettext_lazy("Next page")
    title = gettext_lazy("The next page of a query")

    @classmethod
    def is_possible(cls, row: BooksAnswer) -> bool:
        return row.kind == Kind.QUERY and row.state == State.ANSWERED and len(answers.grid_of(row).rows) == PAGE_SIZE

    @classmethod
    def blocker_of(cls, row: BooksAnswer) -> str:
        return _("This answer has no further page.")

    def get_parameters(self) -> dict[str, str]:
        company = CompanyProfile(edition=self.row.connection.edition, country=self.row.connection.country)
        statement = parse_statement(self.row.parameters["statement"], company=company)
        number = int(self.row.parameters["page"]) + 1
        return {"statement": statement.text, "page": str(number), "asked": statement.page(number)}


def _ask(question: dict[str, Any], *, request: HttpRequest) -> BooksAnswer:
    answer = answers.ask(**question, by=signed_in_user(request), at=timezone.now())
    transaction.on_commit(lambda: tasks.enqueue_books_question(answer.pk))
    return answer
