"""The page of month end: the month to close with its checklist, the accrual of fees, and the closed months."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from infactor.core.admin.decisions import StaffView
from infactor.core.admin.formatting import day_text, link, moment_text
from infactor.core.admin.tables import Table
from infactor.ledger import periods
from infactor.ledger.models import PeriodClosing
from infactor.month_end.checklist import Item, checklist

SHOWN = 24  # closed months
# Where each point of the checklist is put right, by its code: the label and the name of the page.
REMEDIES = {
    "lines": (gettext_lazy("Match bank statements"), "admin:banking_statementline_matching"),
    "bank": (gettext_lazy("House accounts"), "admin:banking_houseaccount_changelist"),
    "payouts": (gettext_lazy("Payouts"), "admin:financing_payout_changelist"),
    "accrual": (gettext_lazy("Accrue fees"), "admin:month_end_accrue"),
    "check": (gettext_lazy("Ledger checks"), "admin:ledger_integritycheck_changelist"),
}


class OverviewView(StaffView, TemplateView):
    """What is open, what is left to do for it, and what is closed."""

    template_name = "admin/month_end/overview.html"
    permission = "ledger.view_periodclosing"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        month = periods.month_to_close(at=now)
        return {
            **admin.site.each_context(self.request),
            **super().get_context_data(**kwargs),
            "title": _("Month end"),
            "month": month,
            "state": _state(month),
            "table": None if month is None else checklist_table(checklist(month=month, at=now)),
            "closed": _closed_months(),
            "may_close": self.request.user.has_perm(periods.PERMISSION),
        }


def checklist_table(items: Sequence[Item]) -> Table:
    """Each point, whether it is in order, and where it is put right."""
    return Table(
        _("Checklist"), (_("Point"), _("State"), _("What was found"), _("Where")), [_row(one) for one in items]
    )


def _row(item: Item) -> tuple[object, ...]:
    label, page = REMEDIES[item.code]
    where = format_html('<a href="{}">{}</a>', reverse(page), label)
    state = _("in order") if not item.findings else _("to be explained") if item.is_blocking else _("to know")
    return item.title, state, sentences(item.findings), where


def sentences(found: Sequence[str]) -> SafeString | str:
    """One sentence as it is, several as a list."""
    if len(found) < 2:
        return "".join(found) or "-"
    return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((one,) for one in found)))


def _state(month: date | None) -> str:
    closing = periods.last_closing()
    before = (
        _("No month is closed yet.")
        if closing is None
        else _("Everything up to %(end)s is closed.") % {"end": _end(closing)}
    )
    if month is None:
        return _("%(before)s No further month is over yet.") % {"before": before}
    return _("%(before)s %(month)s is over and open.") % {"before": before, "month": f"{month:%B %Y}"}


def _end(closing: PeriodClosing) -> str:
    return day_text(periods.last_day(closing.month))


def _closed_months() -> Table:
    rows = PeriodClosing.objects.select_related("closed_by", "reopened_by")[:SHOWN]
    return Table(
        caption=_("Closed months"),
        columns=(_("Month"), _("Closed"), _("By"), _("Explained"), _("Reopened")),
        rows=[
            (
                link(one),
                moment_text(one.closed_at),
                str(one.closed_by),
                _("%(count)s points") % {"count": len(one.explanations)} if one.explanations else _("all in order"),
                f"{moment_text(one.reopened_at)}, {one.reopened_by}" if one.reopened_at else "",
            )
            for one in rows
        ],
        empty=_("No month is closed yet."),
    )
