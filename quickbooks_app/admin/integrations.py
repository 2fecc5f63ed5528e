"""Admin pages of integrations: a list, and a page to manage each. No key but the client id is ever shown."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.decisions import DecisionAdmin
from infactor.core.admin.formatting import copyable_text, moment_text
from infactor.core.admin.tables import Table
from quickbooks_app.admin.integration_views import DECISIONS, AddIntegrationView
from quickbooks_app.admin.mapping import ChangeIntegrationMappingView
from quickbooks_app.admin.production_review import AnswerView, ReviewView
from quickbooks_app.auth import addresses, app_credentials, integrations
from quickbooks_app.models import ApiCall, Connection, Integration

CONNECTIONS_SHOWN = 50


@admin.register(Integration)
class IntegrationAdmin(DecisionAdmin):
    list_display = ("name", "environment", "origin", "keys", "webhooks", "is_enabled", "companies", "last_webhook_at")
    list_filter = ("environment", "is_enabled", ("supplier", admin.EmptyFieldListFilter))
    list_select_related = ("supplier",)
    search_fields = ("name", "client_id", "supplier__name")
    search_help_text = gettext_lazy("By name, client ID or supplier")
    # An explicit list keeps the secrets hidden: a new field is not shown until it is added here.
    fields = (
        "name",
        "status",
        "environment",
        "base_domain",
        "origin",
        "client",
        "keys",
        "webhooks",
        "offered_to",
        "companies",
        "last_webhook_at",
        "last_call",
        "created_at",
        "updated_at",
    )
    readonly_fields = fields
    decisions = (*DECISIONS, ChangeIntegrationMappingView)
    add_decision = AddIntegrationView

    def get_queryset(self, request: HttpRequest) -> QuerySet[Integration]:
        rows: QuerySet[Integration] = super().get_queryset(request)
        connected = Count("connections", filter=Q(connections__status=Connection.Status.CONNECTED))
        return rows.defer("client_secret").annotate(connected=connected)

    def get_urls(self) -> list[URLPattern]:
        """With the checklist of Intuit's production review."""
        pages = (
            ("review/", ReviewView, "quickbooks_app_review"),
            ("review/<slug:line>/answer/", AnswerView, "quickbooks_app_review_answer"),
        )
        own = [path(route, self.admin_site.admin_view(view.as_view()), name=name) for route, view, name in pages]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if settings.QUICKBOOKS_CLIENT_ID:
            integrations.from_settings()
        return super().changelist_view(request, extra_context)

    @admin.display(description=gettext_lazy("Status"))
    def status(self, row: Integration) -> str:
        if row.is_from_settings and row.environment != settings.QUICKBOOKS_ENVIRONMENT:
            return _("Disabled: the settings name another environment")
        if row.environment not in integrations.environments():
            return _("Disabled: the local company is in local mode only")
        return _("Enabled") if row.is_enabled else _("Disabled: nobody can connect, and no company is read")

    @admin.display(description=gettext_lazy("API base domain"))
    def base_domain(self, row: Integration) -> str:
        return app_credentials.base_domain(row.environment)

    @admin.display(description=gettext_lazy("Origin"), ordering="supplier__name")
    def origin(self, row: Integration) -> str:
        if row.is_from_settings:
            return _("from settings")
        return _("own app of %(supplier)s") % {"supplier": row.supplier} if row.supplier else _("added here")

    @admin.display(description=gettext_lazy("Client ID"))
    def client(self, row: Integration) -> str:
        return settings.QUICKBOOKS_CLIENT_ID if row.is_from_settings else row.client_id or "none"

    @admin.display(description=gettext_lazy("Keys"))
    def keys(self, row: Integration) -> str:
        return _("asked of each supplier") if integrations.asks_for_keys(row) else "set"

    @admin.display(description=gettext_lazy("Webhooks"), boolean=True)
    def webhooks(self, row: Integration) -> bool:
        return integrations.receives_webhooks(row)

    @admin.display(description=gettext_lazy("Offered to"))
    def offered_to(self, row: Integration) -> str:
        if row.supplier:
            return str(row.supplier)
        return ", ".join(str(one) for one in row.only_for.order_by("name")) or _("every supplier")

    @admin.display(description=gettext_lazy("Connected companies"), ordering="connected")
    def companies(self, row: Integration) -> int:
        return int(row.connected)  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("Last call"))
    def last_call(self, row: Integration) -> str:
        found = ApiCall.objects.filter(connection__integration=row).order_by("-pk").first()
        return f"{moment_text(found.at)}: {found.operation}" if found else "none"

    def related_tables(self, row: Integration) -> Sequence[Table]:
        connections = row.connections.select_related("supplier").order_by("-pk")[:CONNECTIONS_SHOWN]
        shown = [
            (one.company_name, str(one.supplier), one.get_status_display(), moment_text(one.connected_at))
            for one in connections.defer("realm_id", "access_token", "refresh_token")
        ]
        apps = [
            (one.supplier, one.client_id, "yes" if one.is_enabled else "no")
            for one in row.own_apps.select_related("supplier")
        ]
        tables = [
            Table(
                _("Addresses to register at Intuit"),
                (_("For"), _("Address")),
                [(label, copyable_text(address, label)) for label, address in addresses.to_register(row)],
            ),
            Table(
                _("Companies"),
                (_("Company"), _("Supplier"), _("Status"), _("Connected")),
                shown,
                empty=_("No company yet."),
            ),
        ]
        if integrations.asks_for_keys(row):
            columns = (_("Supplier"), _("Client ID"), _("Enabled"))
            tables.append(
                Table(_("Apps that suppliers brought"), columns, apps, empty=_("No supplier has brought one."))
            )
        return tables
