"""The onboarding checklist on staff's pages of a supplier and of its application."""

from typing import Any

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.formatting import day_text, link
from infactor.core.admin.panels import Panel
from infactor.core.admin.tables import Table
from infactor.core.business_day import business_day
from infactor.suppliers import checks
from infactor.suppliers.models import Application, Supplier

COLUMNS = (
    gettext_lazy("Check"),
    gettext_lazy("Needed"),
    gettext_lazy("State"),
    gettext_lazy("Made"),
    gettext_lazy("By"),
    gettext_lazy("Reference"),
    gettext_lazy("Document"),
    gettext_lazy("Last day"),
)


def panel_of(user: Any, row: models.Model) -> Panel | None:
    """The checklist as it stands today, and the button that records a check."""
    if not isinstance(row, Supplier | Application) or not user.has_perm("suppliers.view_check"):
        return None
    supplier = row.supplier if isinstance(row, Application) else row
    application = Application.objects.filter(supplier=supplier).exclude(status=Application.Status.DRAFT).first()
    if application is None or not user.has_perm(checks.RECORD_CHECKS):
        return Panel(checklist_table(supplier))
    address = reverse("admin:suppliers_application_check", args=[application.pk])
    # The application has the button among its decisions.
    buttons = [(_("Record a check"), address)] if isinstance(row, Supplier) else []
    return Panel(checklist_table(supplier, record_at=address), buttons)


def checklist_table(supplier: Supplier, *, record_at: str = "") -> Table:
    """The checklist today; what is not done leads to `record_at`, the page that records a check."""
    rows = []
    for one in checks.checklist(supplier=supplier, on=business_day(timezone.now())):
        check = one.newest
        rows.append(
            (
                link(check, one.label) if check else one.label,
                _("yes") if one.is_required else _("no"),
                one.state if one.is_done or not record_at else _to_do(one, record_at),
                day_text(check.made_on) if check else "",
                check.recorded_by if check else "",
                (check.reference if check else "") or "-",
                link(check.document, check.document.name) if check and check.document else "-",
                day_text(check.expires_on) or "-" if check else "-",
            )
        )
    return Table(_("Onboarding checks"), COLUMNS, rows)


def _to_do(standing: checks.Standing, address: str) -> SafeString:
    return format_html('<a href="{}?kind={}">{}</a>', address, standing.item.kind.value, standing.state)
