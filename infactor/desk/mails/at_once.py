"""Alerts by email: each to those whose role works on it and who want it, once."""

from datetime import datetime, timedelta

from django.db.models import Max, Min, Sum
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from infactor.banking.models import StatementLine
from infactor.core import languages, staff_alerts
from infactor.core.business_day import business_zone
from infactor.core.email import outbox
from infactor.core.staff_alerts import Alert, Kind
from infactor.desk.collecting.accounts import sums
from infactor.desk.mails import choices
from infactor.financing.admin.payments.collections import with_unallocated
from infactor.financing.models import Collection

UNMATCHED_FOR = timedelta(days=2)


def mail(alert: Alert) -> None:
    """Put an alert into the outbox for each who wants it, in the transaction that published it."""
    for person in choices.who_wants(alert.kind, person_id=alert.person_id):
        with languages.writing_in(person.language), timezone.override(business_zone()):
            subject, body = alert.text()
            outbox.enqueue(
                key=f"{alert.key}:{person.pk}",
                to=person.email,
                subject=subject,
                body=body,
                supplier_id=alert.supplier_id,
            )


def publish_unmatched(*, at: datetime) -> bool:
    """Publish that payments have waited for two days, whenever another one has. Returns whether anything waits.

    The newest of them names the alert: the next run with the same ones tells nobody again.
    """
    payments = with_unallocated(Collection.objects.all()).filter(unallocated__gt=0, recorded_at__lte=at - UNMATCHED_FOR)
    lines = StatementLine.objects.filter(status=StatementLine.Status.WAITING, created_at__lte=at - UNMATCHED_FOR)
    amounts = [
        *payments.order_by("currency").values_list("currency").annotate(Sum("unallocated")),
        *lines.order_by("account__currency").values_list("account__currency").annotate(Sum("amount")),
    ]
    if not amounts:
        return False
    ends = {
        "payments": payments.aggregate(newest=Max("pk"), since=Min("recorded_at")),
        "lines": lines.aggregate(newest=Max("pk"), since=Min("created_at")),
    }
    context = {
        "count": payments.count() + lines.count(),
        "amounts": sums(amounts),
        "since": min(one["since"] for one in ends.values() if one["since"] is not None),
        "address": staff_alerts.page_address(reverse("admin:banking_statementline_matching")),
        "payments": staff_alerts.page_address(f"{reverse('admin:financing_collection_changelist')}?unmatched=yes"),
    }
    staff_alerts.publish(
        Alert(
            kind=Kind.PAYMENTS_UNMATCHED,
            key=f"desk.unmatched:{ends['payments']['newest'] or 0}:{ends['lines']['newest'] or 0}",
            text=lambda: (
                render_to_string("desk/email/unmatched_subject.txt", context),
                render_to_string("desk/email/unmatched_message.txt", context),
            ),
        )
    )
    return True
