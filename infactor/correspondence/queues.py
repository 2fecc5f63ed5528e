"""The work queue of messages on the home page of staff."""

from django.utils.translation import gettext_lazy as _

from infactor.correspondence import threads
from infactor.financing.admin.queues.definitions import Queue

MESSAGES = Queue(
    "messages",
    _("Messages to answer"),
    threads.ANSWER_SUPPLIERS,
    "correspondence_thread_changelist",
    "?waiting=yes",
    lambda by, at: threads.waiting(),
    "waiting_since",
)
