"""The page of the day's statement: all certain lines are accepted at once, the rest is listed."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from infactor.banking.models import StatementLine
from infactor.core import broker
from infactor.core.admin.decisions import StaffView, serialize_posts
from infactor.core.admin.formatting import amount_text, day_text, figure_text, link
from infactor.core.admin.tables import Table
from infactor.financing import tasks
from infactor.financing.collections import line_proposals, matching_runs, payments
from infactor.financing.models import Advance, MatchingRun
from infactor.suppliers.access import signed_in_user

MAX_LISTED = 100
REFRESH_SECONDS = "3"
ACTIONS = {"find": MatchingRun.Kind.FIND, "accept": MatchingRun.Kind.ACCEPT}
Status = StatementLine.Status


@method_decorator(serialize_posts, name="dispatch")
class MatchingView(StaffView, TemplateView):
    """Certain lines with one button, the run that is going on, and all other open lines with what is likely."""

    permission = payments.RECORD_COLLECTIONS
    needs_fresh_factor = reads_at_any_time = True
    label = gettext_lazy("Accept the certain lines")
    template_name = "admin/banking/statementline/matching.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        kind = next((kind for name, kind in ACTIONS.items() if name in request.POST), None)
        if kind is None:
            messages.error(request, _("Choose what to do."))
        else:
            run = matching_runs.request(kind=kind, by=signed_in_user(request), at=timezone.now())
            transaction.on_commit(partial(broker.notify, tasks.work_on_matching, run.pk))
        return HttpResponseRedirect(reverse("admin:banking_statementline_matching"))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().get(request, *args, **kwargs)
        if MatchingRun.objects.filter(finished_at=None).exists():
            response.headers["Refresh"] = REFRESH_SECONDS  # without a script; the page says how far it is
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        open_ = StatementLine.objects.select_related("account", "proposal")
        certain = open_.filter(status=Status.WAITING, proposal__is_certain=True).order_by("booking_date", "pk")
        waiting = open_.filter(status=Status.WAITING).exclude(proposal__is_certain=True)
        debits = open_.filter(status=Status.DEBIT).order_by("booking_date", "pk")
        return {
            **admin.site.each_context(self.request),
            **super().get_context_data(**kwargs),
            "title": _("Match bank statements"),
            "opts": StatementLine._meta,
            "running": MatchingRun.objects.filter(finished_at=None).order_by("pk"),
            "last": MatchingRun.objects.exclude(finished_at=None).first(),
            "certain_count": certain.count(),
            "tables": [
                _sums(certain, waiting, debits),
                _certain_table(certain),
                _rest_table(_("To match by hand"), waiting.order_by("-proposal__score", "booking_date", "pk")),
                _rest_table(_("Debits to explain"), debits),
            ],
        }


def _sums(certain: Any, waiting: Any, debits: Any) -> Table:
    rows: list[tuple[object, ...]] = []
    for label, lines in ((_("Certain"), certain), (_("To match by hand"), waiting), (_("Debits to explain"), debits)):
        grouped = lines.order_by("account__currency").values_list("account__currency")
        for currency, count, amount in grouped.annotate(Count("pk"), Sum("amount")):
            rows.append((label, currency, figure_text(count), amount_text(amount, currency)))
    return Table(
        _("Open lines"), (_("Lines"), _("Currency"), _("Count"), _("Amount")), rows, _("Every line is in the books.")
    )


def _certain_table(lines: Any) -> Table:
    shown = list(lines[:MAX_LISTED])
    wanted = {pk for line in shown for pk in line_proposals.targets_of(line.proposal)}
    advances = Advance.objects.select_related("invoice", "supplier").in_bulk(wanted)
    rows: list[tuple[object, ...]] = []
    for line in shown:
        targets = [advances[pk] for pk in line_proposals.targets_of(line.proposal) if pk in advances]
        rows.append(
            (
                link(line),
                day_text(line.booking_date),
                amount_text(line.amount, line.account.currency),
                line.payer or "-",
                ", ".join(
                    _("A%(pk)s, invoice %(invoice)s") % {"pk": one.pk, "invoice": one.invoice} for one in targets
                ),
                " ".join(line.proposal.reasons),
            )
        )
    if (count := lines.count()) > MAX_LISTED:
        rows.append((_("and %(count)s more") % {"count": count - MAX_LISTED}, "", "", "", "", ""))
    return Table(
        _("Certain"),
        (_("Line"), _("Booked"), _("Amount"), _("Payer"), _("Goes to"), _("Why")),
        rows,
        _("No line is certain."),
    )


def _rest_table(caption: str, lines: Any) -> Table:
    rows: list[tuple[object, ...]] = []
    for line in lines[:MAX_LISTED]:
        proposal = getattr(line, "proposal", None)
        rows.append(
            (
                link(line),
                day_text(line.booking_date),
                amount_text(line.amount, line.account.currency),
                line.payer or "-",
                line.remittance or "-",
                (" ".join(proposal.reasons) or _("Nothing fits.")) if proposal is not None else _("Not looked at yet."),
            )
        )
    if (count := lines.count()) > MAX_LISTED:
        rows.append((_("and %(count)s more") % {"count": count - MAX_LISTED}, "", "", "", "", ""))
    return Table(caption, (_("Line"), _("Booked"), _("Amount"), _("Payer or payee"), _("Text"), _("Likely")), rows)
