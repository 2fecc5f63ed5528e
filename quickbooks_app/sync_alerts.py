"""Alerts to staff: the books of a supplier with funded invoices cannot be read, so nobody watches them."""

from datetime import datetime

from django.template.loader import render_to_string
from django.urls import reverse

from infactor.core import staff_alerts
from infactor.core.business_day import business_day
from infactor.core.staff_alerts import Alert, Kind
from infactor.financing.models import OUTSTANDING_STATUSES, Advance
from quickbooks_app.models import Connection


def publish_failure(*, connection: Connection, at: datetime) -> None:
    """Tell staff that a sync failed or that the grant has ended, once a day, while the supplier is financed."""
    if not Advance.objects.filter(supplier=connection.supplier_id, status__in=OUTSTANDING_STATUSES).exists():
        return
    page = reverse("admin:quickbooks_app_connection_change", args=[connection.pk])
    context = {
        "connection": connection,
        "supplier": connection.supplier,
        "as_of": connection.company_file.as_of if connection.company_file else None,
        "address": staff_alerts.page_address(page),
    }
    staff_alerts.publish(
        Alert(
            kind=Kind.SYNC_FAILED,
            key=f"quickbooks.sync_failed:{connection.pk}:{business_day(at):%Y%m%d}",
            text=lambda: (
                render_to_string("quickbooks/email/sync_failed_subject.txt", context),
                render_to_string("quickbooks/email/sync_failed_message.txt", context),
            ),
            supplier_id=connection.supplier_id,
        )
    )
