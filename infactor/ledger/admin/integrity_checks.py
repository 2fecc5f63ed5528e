"""Ledger checks in admin: the past results, and checking the ledger now."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.base import ReadOnlyAdmin
from infactor.core.admin.decisions import StaffView
from infactor.core.admin.formatting import change_url, figure_text
from infactor.ledger import integrity
from infactor.ledger.admin.trial_balance import AccountView, PurposeView, TrialBalanceView
from infactor.ledger.models import IntegrityCheck
from infactor.suppliers.access import signed_in_user


class RunCheckView(StaffView):
    """Check the ledger now, and show the result."""

    http_method_names = ["post"]
    label = gettext_lazy("Check the ledger now")
    permission = integrity.PERMISSION

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        check = integrity.verify_by_staff(by=signed_in_user(request), at=timezone.now())
        if check.ok:
            messages.success(
                request,
                _("The ledger is in order: %(transactions)s transactions were checked.")
                % {"transactions": check.transactions},
            )
        else:
            messages.error(request, _("The ledger is not in order. The findings are below."))
        return HttpResponseRedirect(change_url(check))


@admin.register(IntegrityCheck)
class IntegrityCheckAdmin(ReadOnlyAdmin):
    list_display = ("at", "ok", "shown_transactions", "shown_entries", "finding_count", "duration")
    list_filter = ("ok",)
    date_hierarchy = "at"
    change_list_template = "admin/ledger/integritycheck/change_list.html"
    fields = ("at", "ok", "transactions", "entries", "findings_list", "duration")
    readonly_fields = ("findings_list", "duration")

    def get_urls(self) -> list[URLPattern]:
        """With checking the ledger now, and the trial balance."""
        guard = self.admin_site.admin_view
        own = [
            path("run/", guard(RunCheckView.as_view()), name="ledger_run_check"),
            path("trial-balance/", guard(TrialBalanceView.as_view()), name="ledger_trial_balance"),
            path("trial-balance/account/<int:pk>/", guard(AccountView.as_view()), name="ledger_trial_balance_account"),
            path(
                "trial-balance/<slug:purpose>/<slug:currency>/",
                guard(PurposeView.as_view()),
                name="ledger_trial_balance_purpose",
            ),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """With the button that checks the ledger now, for users with the permission."""
        may_check = request.user.has_perm(RunCheckView.permission)
        return super().changelist_view(request, {**(extra_context or {}), "may_check": may_check})

    @admin.display(description=gettext_lazy("Findings"))
    def finding_count(self, check: IntegrityCheck) -> SafeString:
        return figure_text(len(check.findings))

    @admin.display(description=gettext_lazy("Transactions"), ordering="transactions")
    def shown_transactions(self, check: IntegrityCheck) -> SafeString:
        return figure_text(check.transactions)

    @admin.display(description=gettext_lazy("Entries"), ordering="entries")
    def shown_entries(self, check: IntegrityCheck) -> SafeString:
        return figure_text(check.entries)

    @admin.display(description=gettext_lazy("Duration"), ordering="milliseconds")
    def duration(self, check: IntegrityCheck) -> SafeString:
        return figure_text(check.milliseconds, "ms")

    @admin.display(description=gettext_lazy("Findings"))
    def findings_list(self, check: IntegrityCheck) -> SafeString | str:
        if not check.findings:
            return _("None.")
        return format_html(
            "<ul>{}</ul>", format_html_join("", "<li><bdi>{}</bdi></li>", ((one,) for one in check.findings))
        )
