"""The agreement in admin: its versions, who accepted which, and publishing a new one."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from infactor.core.admin.base import ReadOnlyAdmin
from infactor.core.admin.decisions import confirm_page
from infactor.suppliers import agreements
from infactor.suppliers.access import person
from infactor.suppliers.models import AgreementAcceptance, AgreementText, Application

MAY_PUBLISH = "suppliers.publish_agreement"


class VersionForm(forms.Form):
    """A new version, whole; it begins as the one that counts."""

    title = forms.CharField(max_length=200)
    body = forms.CharField(widget=forms.Textarea(attrs={"rows": 24, "cols": 100}), help_text="Plain text.")


@admin.register(AgreementText)
class AgreementTextAdmin(ReadOnlyAdmin):
    list_display = ("version", "title", "published_at", "published_by", "accepted_by_suppliers")
    list_select_related = ("published_by",)
    fields = ("version", "title", "body", "published_at", "published_by")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AgreementText]:
        rows: QuerySet[AgreementText] = super().get_queryset(request)
        return rows.annotate(accepted=Count("acceptances"))

    @admin.display(description="Accepted by suppliers", ordering="accepted")
    def accepted_by_suppliers(self, text: AgreementText) -> int:
        return int(text.accepted)  # type: ignore[attr-defined]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A new version is published, no old one is changed."""
        return request.user.has_perm(MAY_PUBLISH)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        """Publish a new version, after a look at whom it concerns."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return _publish(request)


def _publish(request: HttpRequest) -> HttpResponse:
    newest = agreements.newest()

    def act(said: Mapping[str, Any]) -> str:
        text = agreements.publish(title=said["title"], body=said["body"], by=person(request), at=timezone.now())
        return f"Version {text.version} is published. Suppliers are asked to accept it."

    approved = Application.objects.filter(status=Application.Status.APPROVED).count()
    return confirm_page(
        request,
        title="Publish a new version of the agreement",
        button="Publish",
        facts=(
            ("The version that counts now", newest or "none"),
            ("Approved suppliers, who are asked to accept the new one", approved),
        ),
        act=act,
        back=reverse("admin:suppliers_agreementtext_changelist"),
        form=VersionForm,
        initial={"title": newest.title, "body": newest.body} if newest else {},
        refusals=(agreements.NothingSaid,),
        notes=(
            "It cannot be changed or taken back, only followed by another version.",
            "Until a supplier has accepted it, it can ask for no new offer.",
        ),
    )


@admin.register(AgreementAcceptance)
class AgreementAcceptanceAdmin(ReadOnlyAdmin):
    list_display = ("supplier", "text", "user", "at", "ip_address")
    list_filter = ("text",)
    list_select_related = ("supplier", "text", "user")
    search_fields = ("supplier__name", "user__email")
    search_help_text = "By supplier, or e-mail of who accepted"
    date_hierarchy = "at"
