"""The agreement in admin: its versions, who accepted which, and publishing a new version."""

from functools import cached_property
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.base import ReadOnlyAdmin
from infactor.core.admin.decisions import DecisionAdmin, DecisionView
from infactor.core.admin.tables import Facts
from infactor.suppliers import agreements
from infactor.suppliers.access import signed_in_user
from infactor.suppliers.models import AgreementAcceptance, AgreementText, Application


class VersionForm(forms.Form):
    """Asks for the full text of a new version; it begins with the current one."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    body = forms.CharField(
        label=gettext_lazy("Body"),
        widget=forms.Textarea(attrs={"rows": 24, "cols": 100}),
        help_text=gettext_lazy("Plain text."),
    )


class PublishView(DecisionView):
    """Publish a new version, which every approved supplier is asked to accept."""

    title = gettext_lazy("Publish a new version of the agreement")
    button = gettext_lazy("Publish")
    permission = "suppliers.publish_agreement"
    needs_fresh_factor = True
    form_class = VersionForm
    refusals = (agreements.EmptyAgreement,)
    notes = (
        gettext_lazy("A version cannot be changed or withdrawn, only followed by another version."),
        gettext_lazy("Until a supplier has accepted it, the supplier cannot request new offers."),
    )

    @cached_property
    def latest(self) -> AgreementText | None:
        return agreements.latest()

    def get_initial(self) -> dict[str, Any]:
        return {"title": self.latest.title, "body": self.latest.body} if self.latest else {}

    def get_success_url(self) -> str:
        return reverse("admin:suppliers_agreementtext_changelist")

    def facts(self) -> Facts:
        approved = Application.objects.filter(status=Application.Status.APPROVED).count()
        return [
            (_("Current version"), self.latest or "none"),
            (_("Approved suppliers, who are asked to accept the new one"), approved),
        ]

    def perform(self, form: Any) -> str:
        data, user = form.cleaned_data, signed_in_user(self.request)
        text = agreements.publish(title=data["title"], body=data["body"], by=user, at=timezone.now())
        return _("Version %(version)s is published. Suppliers are asked to accept it.") % {"version": text.version}


@admin.register(AgreementText)
class AgreementTextAdmin(DecisionAdmin):
    list_display = ("version", "title", "published_at", "published_by", "accepted_by_suppliers")
    list_select_related = ("published_by",)
    add_decision = PublishView
    fields = ("version", "title", "body", "published_at", "published_by")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AgreementText]:
        rows: QuerySet[AgreementText] = super().get_queryset(request)
        return rows.annotate(accepted=Count("acceptances"))

    @admin.display(description=gettext_lazy("Accepted by suppliers"), ordering="accepted")
    def accepted_by_suppliers(self, text: AgreementText) -> int:
        return int(text.accepted)  # type: ignore[attr-defined]


@admin.register(AgreementAcceptance)
class AgreementAcceptanceAdmin(ReadOnlyAdmin):
    list_display = ("supplier", "text", "user", "at", "ip_address")
    list_filter = ("text",)
    list_select_related = ("supplier", "text", "user")
    search_fields = ("supplier__name", "user__email")
    search_help_text = gettext_lazy("By supplier, or email of the person who accepted")
    date_hierarchy = "at"
