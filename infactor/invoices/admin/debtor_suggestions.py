"""Staff's pages of what may be one company: what is proposed, dismissing it, and what was dismissed."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.views.decorators.http import require_http_methods, require_safe

from infactor.core.admin.decisions import (
    DecidedAdmin,
    Decision,
    ReasonForm,
    confirm_page,
)
from infactor.invoices.admin.debtor_views import buyers_table, to_join
from infactor.invoices.debtors import suggestions
from infactor.invoices.debtors.matching import REASONS
from infactor.invoices.models import Buyer, DebtorProposal
from infactor.suppliers.access import person

AT_MOST = 50
ADDRESS = "admin:invoices_debtor_proposed"
TITLE = "Buyers that may be one company"
OVER = "It was decided in the meantime, or these buyers look alike no more."


def _with_buyers(rows: QuerySet[DebtorProposal]) -> QuerySet[DebtorProposal]:
    return rows.select_related("debtor").prefetch_related("buyers__supplier", "buyers__company_file", "buyers__debtor")


@require_safe
def proposed(request: HttpRequest) -> HttpResponse:
    """Groups of buyers that look the same, likeliest first."""
    if not request.user.has_perm("invoices.view_debtor"):
        raise PermissionDenied
    waiting = DebtorProposal.objects.filter(dismissed_at__isnull=True)
    return render(
        request,
        "admin/invoices/debtor/proposed.html",
        {
            **admin.site.each_context(request),
            "opts": DebtorProposal._meta,
            "title": TITLE,
            "groups": [_shown(one) for one in _with_buyers(waiting).order_by("-score", "pk")[:AT_MOST]],
            "may_join": request.user.has_perm(suggestions.PERMISSION),
            "at_most": AT_MOST,
            "count": waiting.count(),
        },
    )


def _shown(proposal: DebtorProposal) -> dict[str, object]:
    buyers = list(proposal.buyers.all())
    return {
        "proposal": proposal,
        "table": buyers_table(buyers),
        "name": proposal.debtor or buyers[0],
        "reasons": _reasons(proposal),
        "debtor": proposal.debtor,
        "join": to_join(buyers=buyers, debtor=proposal.debtor),
    }


def _reasons(proposal: DebtorProposal) -> list[str]:
    return [REASONS[kind][0] for kind in proposal.kinds if kind in REASONS]


def _why(proposal: DebtorProposal) -> str:
    return capfirst("; ".join(f"{reason[0].lower()}{reason[1:]}" for reason in _reasons(proposal)))


@require_http_methods(["GET", "HEAD", "POST"])
def dismiss(request: HttpRequest, object_id: int) -> HttpResponse:
    """Say that the buyers of one proposal are not one company, once it was confirmed."""
    if not request.user.has_perm(suggestions.PERMISSION):
        raise PermissionDenied
    row = _with_buyers(DebtorProposal.objects.filter(pk=object_id, dismissed_at__isnull=True)).first()
    if row is None:
        messages.error(request, OVER)
        return HttpResponseRedirect(reverse(ADDRESS))

    def act(given: Mapping[str, Any]) -> str:
        suggestions.dismiss(proposal=row, by=person(request), at=timezone.now(), reason=given["reason"])
        return "It is dismissed: these buyers are not proposed together again."

    return confirm_page(
        request,
        title="Not one company",
        button="Dismiss",
        facts=[("They look alike", _why(row)), ("Debtor", row.debtor or "none yet")],
        tables=[buyers_table(row.buyers.all())],
        notes=["They are proposed again only together with a buyer that is not among them. It can be taken back."],
        form=ReasonForm,
        act=act,
        refusals=[suggestions.ProposalRefused],
        back=reverse(ADDRESS),
        back_label=TITLE,
    )


def take_back(request: HttpRequest, row: DebtorProposal) -> HttpResponse:
    """Propose them again, once it was confirmed."""

    def act(given: Mapping[str, Any]) -> str:
        suggestions.take_back(proposal=row, by=person(request), at=timezone.now())
        return "It is taken back: what looks alike is proposed again."

    return confirm_page(
        request,
        title="Propose them again",
        button="Propose again",
        facts=[("Dismissed by", row.dismissed_by), ("Reason", row.reason)],
        tables=[buyers_table(row.buyers.all())],
        act=act,
        refusals=[suggestions.ProposalRefused],
        back=reverse(ADDRESS),
        back_label=TITLE,
    )


@admin.register(DebtorProposal)
class DismissedProposalAdmin(DecidedAdmin):
    """What staff said is not one company. What waits for their word has a page of its own."""

    list_display = ("shown_buyers", "debtor", "dismissed_at", "dismissed_by", "reason")
    list_display_links = ("dismissed_at",)
    search_fields = ("buyers__name", "buyers__supplier__name", "debtor__name", "reason")
    search_help_text = "By buyer, supplier, debtor or reason"
    date_hierarchy = "dismissed_at"
    fields = ("shown_buyers", "debtor", "shown_reasons", "dismissed_at", "dismissed_by", "reason")
    readonly_fields = ("shown_buyers", "shown_reasons")
    decisions = (Decision("take_back", "Propose again", suggestions.PERMISSION, take_back),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[DebtorProposal]:
        rows: QuerySet[DebtorProposal] = super().get_queryset(request)
        return _with_buyers(rows.filter(dismissed_at__isnull=False)).select_related("debtor", "dismissed_by")

    @admin.display(description="buyers")
    def shown_buyers(self, proposal: DebtorProposal) -> SafeString:
        return format_html_join("; ", "{} ({})", ((_link(one), one.supplier) for one in proposal.buyers.all()))

    @admin.display(description="looked alike")
    def shown_reasons(self, proposal: DebtorProposal) -> str:
        return _why(proposal) or "-"


def _link(buyer: Buyer) -> SafeString:
    return format_html(
        '<a href="{}"><bdi>{}</bdi></a>', reverse("admin:invoices_buyer_change", args=[buyer.pk]), str(buyer)
    )
