"""Possible duplicate buyers: the suggestions, dismissing one, and the dismissed ones."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from infactor.core.admin.decisions import DecisionAdmin, DecisionView, RowDecision, StaffView
from infactor.core.admin.formatting import link
from infactor.core.admin.forms import ReasonForm
from infactor.core.admin.tables import Facts, Table
from infactor.invoices.admin.debtor_views import buyers_table, join_url
from infactor.invoices.debtors import suggestions
from infactor.invoices.debtors.matching import REASONS
from infactor.invoices.models import DebtorSuggestion
from infactor.suppliers.access import signed_in_user

MAX_SHOWN = 50
ADDRESS = "admin:invoices_debtor_suggestions"
TITLE = gettext_lazy("Possible duplicate buyers")
NOT_OPEN = gettext_lazy("This suggestion is decided already, or these buyers are no longer similar.")


def _with_buyers(rows: QuerySet[DebtorSuggestion]) -> QuerySet[DebtorSuggestion]:
    return rows.select_related("debtor").prefetch_related("buyers__supplier", "buyers__company_file", "buyers__debtor")


class SuggestionsView(StaffView, TemplateView):
    """Groups of similar buyers, the most similar first."""

    template_name = "admin/invoices/debtor/suggestions.html"
    permission = "invoices.view_debtor"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        waiting = DebtorSuggestion.objects.filter(dismissed_at__isnull=True)
        return {
            **admin.site.each_context(self.request),
            **super().get_context_data(**kwargs),
            "opts": DebtorSuggestion._meta,
            "title": TITLE,
            "groups": [_group(one) for one in _with_buyers(waiting).order_by("-score", "pk")[:MAX_SHOWN]],
            "may_join": self.request.user.has_perm(suggestions.PERMISSION),
            "max_shown": MAX_SHOWN,
            "count": waiting.count(),
        }


def _group(suggestion: DebtorSuggestion) -> dict[str, object]:
    buyers = list(suggestion.buyers.all())
    return {
        "suggestion": suggestion,
        "table": buyers_table(buyers),
        "name": suggestion.debtor or buyers[0],
        "reasons": _reasons(suggestion),
        "debtor": suggestion.debtor,
        "join": join_url(buyers=buyers, debtor=suggestion.debtor),
    }


def _reasons(suggestion: DebtorSuggestion) -> list[str]:
    return [REASONS[kind][0] for kind in suggestion.kinds if kind in REASONS]


def _reasons_text(suggestion: DebtorSuggestion) -> str:
    return capfirst("; ".join(f"{reason[0].lower()}{reason[1:]}" for reason in _reasons(suggestion)))


class DismissView(DecisionView):
    """The buyers of one suggestion are not one company."""

    title = gettext_lazy("Not one company")
    button = gettext_lazy("Dismiss")
    permission = suggestions.PERMISSION
    form_class = ReasonForm
    refusals = (suggestions.SuggestionError,)
    back_label = TITLE
    notes = (
        gettext_lazy("They are suggested again only together with another buyer."),
        gettext_lazy("The dismissal can be undone."),
    )
    row: Any  # the suggestion; None where it is not open any more

    def load(self) -> None:
        rows = DebtorSuggestion.objects.filter(pk=self.kwargs["object_id"], dismissed_at__isnull=True)
        self.row = _with_buyers(rows).first()

    def blocker(self) -> str:
        return str(NOT_OPEN) if self.row is None else ""

    def get_success_url(self) -> str:
        return reverse(ADDRESS)

    def facts(self) -> Facts:
        return [(_("Similarities"), _reasons_text(self.row)), (_("Debtor"), self.row.debtor or _("none yet"))]

    def tables(self) -> list[Table]:
        return [buyers_table(self.row.buyers.all())]

    def perform(self, form: Any) -> str:
        user, reason = signed_in_user(self.request), form.cleaned_data["reason"]
        suggestions.dismiss(suggestion=self.row, by=user, at=timezone.now(), reason=reason)
        return _("Dismissed: these buyers are not suggested together again.")


class UndoDismissalView(RowDecision, DecisionView):
    """Suggest the buyers of a dismissed suggestion again."""

    row: DebtorSuggestion
    name = "undo"
    label = title = button = gettext_lazy("Undo the dismissal")
    permission = suggestions.PERMISSION
    refusals = (suggestions.SuggestionError,)
    back_label = TITLE

    def get_success_url(self) -> str:
        return reverse(ADDRESS)

    def facts(self) -> Facts:
        return [(_("Dismissed by"), self.row.dismissed_by), (_("Reason"), self.row.reason)]

    def tables(self) -> list[Table]:
        return [buyers_table(self.row.buyers.all())]

    def perform(self, form: Any) -> str:
        suggestions.undo_dismissal(suggestion=self.row, by=signed_in_user(self.request), at=timezone.now())
        return _("The dismissal is undone: similar buyers are suggested again.")


@admin.register(DebtorSuggestion)
class DismissedSuggestionAdmin(DecisionAdmin):
    """Dismissed suggestions. The open ones have a page of their own."""

    list_display = ("shown_buyers", "debtor", "dismissed_at", "dismissed_by", "reason")
    list_display_links = ("dismissed_at",)
    search_fields = ("buyers__name", "buyers__supplier__name", "debtor__name", "reason")
    search_help_text = gettext_lazy("By buyer, supplier, debtor or reason")
    date_hierarchy = "dismissed_at"
    fields = ("shown_buyers", "debtor", "shown_reasons", "dismissed_at", "dismissed_by", "reason")
    readonly_fields = ("shown_buyers", "shown_reasons")
    decisions = (UndoDismissalView,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[DebtorSuggestion]:
        rows: QuerySet[DebtorSuggestion] = super().get_queryset(request)
        return _with_buyers(rows.filter(dismissed_at__isnull=False)).select_related("debtor", "dismissed_by")

    @admin.display(description=gettext_lazy("buyers"))
    def shown_buyers(self, suggestion: DebtorSuggestion) -> SafeString:
        return format_html_join("; ", "{} ({})", ((link(one), one.supplier) for one in suggestion.buyers.all()))

    @admin.display(description=gettext_lazy("similarities"))
    def shown_reasons(self, suggestion: DebtorSuggestion) -> str:
        return _reasons_text(suggestion) or "-"
