"""The trial balance for staff: by purpose, then the accounts of one, then the entries of an account; CSV and Excel."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic.base import ContextMixin, TemplateResponseMixin

from infactor.core import audit
from infactor.core.admin.decisions import StaffView
from infactor.core.admin.formatting import amount_text, day_text, link
from infactor.core.business_day import business_day, business_zone
from infactor.core.csv_files import Cell
from infactor.core.form_fields import DayInput
from infactor.core.translatable import Text
from infactor.ledger import periods, trial_balance
from infactor.ledger.admin import trial_balance_files as files
from infactor.ledger.models import Account, IntegrityCheck, Purpose
from infactor.ledger.trial_balance import Line, Period, Total
from infactor.suppliers.access import signed_in_user

ON_PAGE = 100  # accounts or entries


class PeriodForm(forms.Form):
    """Asks for the days of the trial balance, and for the moment up to which postings count."""

    start = forms.DateField(label=gettext_lazy("From"), required=False, widget=DayInput())
    end = forms.DateField(label=gettext_lazy("To"), required=False, widget=DayInput())
    known_at = forms.DateTimeField(
        label=gettext_lazy("As known at"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S"),
    )

    def clean(self) -> dict[str, Any]:
        """The days, those of this month where none are given."""
        asked = super().clean() or {}
        today = business_day(timezone.now())
        end = asked.get("end") or today
        start = asked.get("start") or periods.month_of(end)
        if start > end:
            self.add_error("end", _("This is before the beginning."))
        return {**asked, "start": start, "end": end}


def spans(today: date) -> list[tuple[str, date, date]]:
    """The usual periods, each a name with its first and last day."""
    month, year = periods.month_of(today), today.replace(month=1, day=1)
    last = periods.month_of(month - timedelta(days=1))
    quarter = month.replace(month=3 * ((month.month - 1) // 3) + 1)
    before = quarter - timedelta(days=1)
    return [
        (_("This month"), month, today),
        (_("Last month"), last, month - timedelta(days=1)),
        (_("This quarter"), quarter, today),
        (_("Last quarter"), before.replace(month=before.month - 2, day=1), before),
        (_("This year"), year, today),
        (_("Last year"), year.replace(year=year.year - 1), year - timedelta(days=1)),
    ]


class TrialBalancePage(StaffView, TemplateResponseMixin, ContextMixin):
    """What the three pages share: the period in the address, and the files."""

    template_name = "admin/ledger/trial_balance.html"
    permission = "ledger.view_account"
    columns: Sequence[Text] = files.BALANCES

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with timezone.override(business_zone()):
            self.form = PeriodForm(request.GET)
            if not self.form.is_valid():
                return self.render_to_response(self.get_context_data())
            asked = self.form.cleaned_data
            self.period = Period(asked["start"], asked["end"], asked["known_at"])
            if (kind := request.GET.get("format", "")) in files.KINDS:
                name = f"{self.file_name()}-{self.period.start}-{self.period.end}"
                by = signed_in_user(request)
                with transaction.atomic():
                    details = {"file": name, "format": kind}
                    audit.record(event="ledger.exported", subject=by, by=by, at=timezone.now(), details=details)
                return files.response(kind, name=name, columns=self.columns, rows=self.rows())
            return self.render_to_response({**self.get_context_data(), "is_shown": True, **self.shown()})

    def file_name(self) -> str:
        """The name of the file, before its days."""
        return "trial-balance"

    def rows(self) -> Iterator[list[Cell]]:
        """Every row of the file."""
        raise NotImplementedError

    def shown(self) -> dict[str, Any]:
        """What the page shows of the period."""
        raise NotImplementedError

    def heading(self) -> str:
        return _("Trial balance")

    @property
    def query(self) -> str:
        asked = {"start": self.period.start.isoformat(), "end": self.period.end.isoformat()}
        if self.period.known_at is not None:
            asked["known_at"] = self.period.known_at.astimezone(business_zone()).strftime("%Y-%m-%dT%H:%M:%S")
        return urlencode(asked)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = spans(business_day(timezone.now()))
        return {
            **admin.site.each_context(self.request),
            **super().get_context_data(**kwargs),
            "opts": IntegrityCheck._meta,
            "title": self.heading(),
            "form": self.form,
            "spans": [(name, urlencode({"start": start, "end": end})) for name, start, end in found],
            "period": getattr(self, "period", None),
            "asked": self.query if hasattr(self, "period") else "",
            "columns": self.columns,
        }


class TrialBalanceView(TrialBalancePage):
    """Every purpose with its balances and movements, by currency; the sums of both sides are equal."""

    def shown(self) -> dict[str, Any]:
        found = trial_balance.lines(self.period)
        rows = [(False, [line.number, self._name(line), line.type, line.currency, *_sides(line)]) for line in found]
        return {"rows": rows + [(True, _total(one)) for one in trial_balance.totals(found)]}

    def _name(self, line: Line) -> object:
        address = reverse("admin:ledger_trial_balance_purpose", args=[line.purpose.value, line.currency])
        return format_html('<a href="{}?{}">{}</a>', address, self.query, line.name)

    def rows(self) -> Iterator[list[Cell]]:
        for line in trial_balance.lines(self.period):
            yield files.balance_row(line)


class PurposeView(TrialBalancePage):
    """The accounts of one purpose in one currency, page by page."""

    def load(self) -> None:
        if self.kwargs["purpose"] not in Purpose.values:
            raise Http404
        self.purpose, self.currency = Purpose(self.kwargs["purpose"]), self.kwargs["currency"]

    def heading(self) -> str:
        return f"{self.purpose.label}, {self.currency}"

    def file_name(self) -> str:
        return f"accounts-{self.purpose}-{self.currency}"

    def shown(self) -> dict[str, Any]:
        sums = trial_balance.account_sums(self.period, purpose=self.purpose, currency=self.currency)
        page = Paginator(sums, ON_PAGE).get_page(self.request.GET.get("p"))
        found = trial_balance.account_lines(page, purpose=self.purpose, currency=self.currency)
        rows = [(False, [line.number, self._name(line), line.type, line.currency, *_sides(line)]) for line in found]
        return {"rows": rows, "page": page}

    def _name(self, line: Line) -> object:
        address = reverse("admin:ledger_trial_balance_account", args=[line.account.pk if line.account else 0])
        return format_html('<a href="{}?{}">{}</a>', address, self.query, line.name)

    def rows(self) -> Iterator[list[Cell]]:
        sums = trial_balance.account_sums(self.period, purpose=self.purpose, currency=self.currency)
        for line in trial_balance.account_lines(sums, purpose=self.purpose, currency=self.currency):
            yield files.balance_row(line)


class AccountView(TrialBalancePage):
    """The entries of one account, from its opening to its closing balance."""

    columns = files.ENTRIES

    def load(self) -> None:
        found = Account.objects.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        self.account = found

    def heading(self) -> str:
        return self.account.display_name

    def file_name(self) -> str:
        return f"account-{self.account.pk}"

    def shown(self) -> dict[str, Any]:
        line = trial_balance.account_line(self.period, account=self.account)
        page = Paginator(trial_balance.entries_within(self.period, account=self.account), ON_PAGE).get_page(
            self.request.GET.get("p")
        )
        opening = [day_text(self.period.start), _("Opening"), "", *_one(line, line.before)]
        rows: list[tuple[bool, list[object]]] = [(True, opening)]
        rows += [
            (
                False,
                [
                    day_text(entry.transaction.value_date),
                    link(entry.transaction, entry.transaction.reference),
                    entry.transaction.description,
                    _shown(entry.debit, line),
                    _shown(entry.credit, line),
                ],
            )
            for entry in page
        ]
        rows.append((True, [day_text(self.period.end), _("Closing"), "", *_one(line, line.after)]))
        return {"rows": rows, "page": page}

    def rows(self) -> Iterator[list[Cell]]:
        for entry in trial_balance.entries_within(self.period, account=self.account).iterator():
            posted = entry.transaction
            yield [posted.value_date, posted.reference, posted.description, entry.debit, entry.credit]


def _sides(line: Line) -> list[object]:
    """Opening, movements and closing, each as debit and credit; empty where a side has nothing."""
    return [*_one(line, line.before), _shown(line.debits, line), _shown(line.credits, line), *_one(line, line.after)]


def _one(line: Line, balance: Decimal) -> list[object]:
    return [_shown(max(balance, Decimal(0)), line), _shown(max(-balance, Decimal(0)), line)]


def _shown(amount: Decimal, line: Line) -> object:
    return amount_text(amount, line.currency) if amount else ""


def _total(total: Total) -> list[object]:
    amounts = [amount_text(one, total.currency) for pair in (total.before, total.moved, total.after) for one in pair]
    return ["", _("Total"), "", total.currency, *amounts]
