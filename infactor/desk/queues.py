"""The desk's work queues on the home page of staff."""

from infactor.core.business_day import business_day
from infactor.desk.collecting import contacts
from infactor.desk.models import Task
from infactor.desk.rights import COLLECT
from infactor.financing.admin.queues.definitions import Queue

QUEUES = (
    Queue(
        "broken_promises",
        "Broken promises to pay",
        COLLECT,
        "desk_task_changelist",
        "?kind__exact=broken_promise&status__exact=open",
        lambda by, at: Task.objects.filter(kind=Task.Kind.BROKEN_PROMISE, status=Task.Status.OPEN),
        "added_at",
    ),
    Queue(
        "contacts",
        "Buyers to contact today",
        COLLECT,
        "desk_collect",
        "?show=contact",
        lambda by, at: contacts.due_contacts(today=business_day(at)),
        "next_contact_on",
    ),
)
