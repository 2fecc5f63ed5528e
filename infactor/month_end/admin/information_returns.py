"""Staff's page of the data for Forms 1099, and its file with full numbers."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from infactor.core import downloads
from infactor.core.admin.decisions import StaffView
from infactor.core.admin.formatting import amount_text, amounts_text, day_text, figure_text, link
from infactor.core.admin.tables import Table
from infactor.core.rate_limits import limited
from infactor.financing.models.payee import EXPORT_TINS
from infactor.ledger import periods
from infactor.month_end import information_returns
from infactor.month_end.admin.overview import sentences
from infactor.month_end.information_returns import BOX, CURRENCY, FIRST_YEAR, FORM, PayeeYear
from infactor.suppliers.access import signed_in_user


class YearForm(forms.Form):
    """Asks for a calendar year in which the form exists."""

    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=FIRST_YEAR)

    def __init__(self, *args: Any, last: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"] = forms.IntegerField(min_value=FIRST_YEAR, max_value=last)


class YearView(StaffView):
    """A page about the year that its query names; without one, the present year."""

    @cached_property
    def form(self) -> YearForm:
        last = information_returns.current_year(timezone.now())
        given = self.request.GET if "year" in self.request.GET else {"year": last}
        return YearForm(given, last=last, label_suffix="")

    @property
    def year(self) -> int:
        return int(self.form.cleaned_data["year"])


class InformationReturnsView(YearView, TemplateView):
    """Who was paid how much for collecting in a year, what is reported, and what is missing."""

    template_name = "admin/month_end/information_returns.html"
    permission = periods.PERMISSION

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = {
            **admin.site.each_context(self.request),
            **super().get_context_data(**kwargs),
            "title": _("1099 data"),
            "form": self.form,
            "may_export": self.request.user.has_perm(EXPORT_TINS),
        }
        if not self.form.is_valid():
            return context
        year, found = self.year, information_returns.payees_of(year=self.year)
        reported = [one for one in found if one.is_reported]
        return {
            **context,
            "year": year,
            "is_partial": year == information_returns.current_year(timezone.now()),
            "threshold": information_returns.threshold(year),
            "is_indexed": year >= information_returns.INDEXED_FROM,
            "tables": [
                _reported(reported, year),
                _not_reported([one for one in found if not one.is_reported and one.payments]),
                _in_transit(found),
            ],
            "has_file": bool(reported),
            "file": f"{reverse('admin:month_end_1099_file')}?year={year}",
        }


@method_decorator(limited(action="export", what="have downloaded files"), name="dispatch")  # type: ignore[arg-type]
class InformationReturnsFileView(YearView):
    """The reported payees of a year with their full numbers, for who files."""

    http_method_names = ("get", "head")  # type: ignore[assignment]
    permission = EXPORT_TINS
    needs_fresh_factor = True

    def get(self, request: HttpRequest) -> HttpResponseBase:
        if not self.form.is_valid():
            raise Http404
        lines = information_returns.export(year=self.year, by=signed_in_user(request), at=timezone.now())
        return downloads.stream(request, lines, name=f"1099-{self.year}.csv")


def _reported(found: Sequence[PayeeYear], year: int) -> Table:
    return Table(
        caption=_("To be reported for %(year)s") % {"year": year},
        columns=(
            _("Payee"),
            _("Form and box"),
            _("Paid"),
            _("Payments"),
            _("Number (TIN)"),
            _("W-9 since"),
            _("To be done"),
        ),
        rows=[
            (
                link(one.payee),
                _("%(form)s, box %(box)s: %(service)s")
                % {"form": FORM, "box": BOX, "service": one.payee.get_service_display().lower()},
                _paid(one),
                figure_text(one.payments),
                one.payee.masked or "missing",
                day_text(one.payee.w9_received_on) or "missing",
                sentences(one.to_do) if one.to_do else "nothing",
            )
            for one in found
        ],
        empty=_("Nobody was paid as much as is reported."),
    )


def _not_reported(found: Sequence[PayeeYear]) -> Table:
    return Table(
        caption=_("Not to be reported"),
        columns=(_("Payee"), _("Service"), _("Paid"), _("Payments"), _("Why not"), _("To be done")),
        rows=[
            (
                link(one.payee),
                one.payee.get_service_display(),
                _paid(one),
                figure_text(one.payments),
                one.reason,
                sentences(one.to_do),
            )
            for one in found
        ],
    )


def _in_transit(found: Sequence[PayeeYear]) -> Table:
    return Table(
        caption=_("In transit: not confirmed by the bank, and in no sum above"),
        columns=(_("Payee"), _("Advance"), _("Amount"), _("Recorded for")),
        rows=[
            (
                link(one.payee),
                link(cost.advance, f"A{cost.advance_id}"),
                amount_text(cost.amount, cost.advance.currency),
                day_text(cost.value_date),
            )
            for one in found
            for cost in one.in_transit
        ],
        empty=_("Every cost is confirmed."),
    )


def _paid(one: PayeeYear) -> SafeString:
    """The sum in US dollars, and the other currencies below it, which are never added to it."""
    dollars = amount_text(one.paid, CURRENCY)
    if not one.foreign:
        return dollars
    return format_html(
        "{}{}", dollars, format_html_join("", "<br>{}", ((amounts_text([each]),) for each in one.foreign))
    )
