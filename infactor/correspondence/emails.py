"""Mails about messages. None holds the text of a message: it may be private, and mailboxes are shared."""

from django.template.loader import render_to_string
from django.urls import reverse

from infactor.core import staff_alerts
from infactor.core.staff_alerts import Alert, Kind
from infactor.correspondence.models import Message
from infactor.suppliers import notifications
from infactor.suppliers.models import NotificationKind


def staff_wrote(*, message: Message) -> None:
    """To the people of the supplier: once for each message of staff."""
    event = notifications.from_templates(
        supplier_id=message.supplier_id,
        kind=NotificationKind.MESSAGES,
        key=f"correspondence.staff_wrote:{message.pk}",
        path=reverse("dashboard:message_thread", args=[message.thread.public_id]),
        template="correspondence/email/staff_wrote",
        context={"thread": message.thread},
    )
    notifications.notify(event, at=message.written_at)


def supplier_wrote(*, message: Message) -> None:
    """To the one of staff who is responsible, or to all who may answer: once until somebody has."""
    thread = message.thread
    values = {
        "supplier": message.supplier,
        "thread": thread,
        "stance": message.get_stance_display() if message.stance else "",
        "address": staff_alerts.page_address(reverse("admin:correspondence_thread_change", args=[thread.pk])),
    }
    staff_alerts.publish(
        Alert(
            kind=Kind.SUPPLIER_WROTE,
            key=f"correspondence.supplier_wrote:{message.pk}",
            text=lambda: (
                render_to_string("correspondence/email/supplier_wrote_subject.txt", values),
                render_to_string("correspondence/email/supplier_wrote_message.txt", values),
            ),
            supplier_id=message.supplier_id,
            person_id=thread.assigned_to_id,
        )
    )
