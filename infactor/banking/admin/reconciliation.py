"""The page that compares the books of a house account with the bank's statements, as of a day."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.paginator import Paginator
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from infactor.banking import reconciliation
from infactor.banking.models import HouseAccount
from infactor.core.admin.decisions import RowDecision
from infactor.core.admin.formatting import amount_text, change_url, day_text, link
from infactor.core.admin.tables import Facts, Table
from infactor.core.business_day import business_day
from infactor.core.form_fields import DayInput

ON_A_PAGE = 200


class DayForm(forms.Form):
    """Asks for the day."""

    on = forms.DateField(label=gettext_lazy("At the end of"), required=False, widget=DayInput())


class ReconcileView(RowDecision, TemplateView):
    """Book balance, bank balance, and every line and entry that makes the difference."""

    row: HouseAccount
    name, label = "reconcile", gettext_lazy("Reconcile")
    permission = "banking.view_houseaccount"
    template_name = "admin/banking/houseaccount/reconcile.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = DayForm(self.request.GET)
        on = (form.cleaned_data["on"] if form.is_valid() else None) or business_day(timezone.now())
        found = reconciliation.reconcile(account=self.row, on=on)
        page = Paginator(found.items, ON_A_PAGE).get_page(self.request.GET.get("page"))
        return {
            **admin.site.each_context(self.request),
            **super().get_context_data(**kwargs),
            "title": _("Reconcile %(row)s") % {"row": self.row},
            "opts": HouseAccount._meta,
            "back": change_url(self.row),
            "form": DayForm(initial={"on": on}),
            "facts": _facts(found),
            "table": _table(found, page),
            "page": page,
            "here": urlencode({"on": on.isoformat()}),
        }


def _facts(found: reconciliation.Reconciliation) -> Facts:
    currency = found.account.currency
    bank = _("no statement yet") if found.bank is None else amount_text(found.bank, currency)
    return [
        (_("At the end of"), day_text(found.on)),
        (_("By the books"), amount_text(found.book, currency)),
        (_("By the bank"), bank),
        (_("The bank's last balance is of"), day_text(found.stated_on) or _("no day")),
        (_("The books have more"), amount_text(found.difference, currency)),
    ]


def _table(found: reconciliation.Reconciliation, page: Iterable[reconciliation.Item]) -> Table:
    rows: list[tuple[object, ...]] = []
    for one in page:
        row = one.line or (one.entry.transaction if one.entry is not None else None)
        text = one.line.remittance or one.line.payer if one.line is not None else ""
        shown = link(row) if row is not None else "-"
        rows.append((one.text, day_text(one.day), amount_text(one.amount, found.account.currency), shown, text[:80]))
    return Table(
        _("What makes the difference"),
        (_("What"), _("Day"), _("Amount"), _("Line or posting"), _("Text")),
        rows,
        _("Nothing: the books and the bank agree to the cent.")
        if found.bank is not None
        else _("Import a statement first."),
    )
