"""App configuration of correspondence: files of messages, counts of unread ones, the queue, panels of staff's pages."""

from django.apps import AppConfig


class CorrespondenceConfig(AppConfig):
    name = "infactor.correspondence"
    verbose_name = "Correspondence"

    def ready(self) -> None:
        from infactor.core.admin import panels as row_panels
        from infactor.correspondence import panels, queues, threads
        from infactor.documents import subjects
        from infactor.documents.models import Kind
        from infactor.financing.admin.queues import definitions
        from infactor.suppliers import access

        access.annotate_suppliers(unread_messages=threads.unread_count())
        subjects.register(
            "correspondence.Message",
            kinds=[Kind.CREDIT_NOTE, Kind.OTHER],
            supplier="supplier_id",
            buyers=("thread__invoice__buyer", "thread__invoice__buyer__parent"),
        )
        definitions.register(queues.MESSAGES)
        row_panels.register(panels.panel_of)
