"""App configuration of the desk: panels on other apps' pages, queues, pages of its own, and alerts by email."""

from importlib.util import find_spec

from django.apps import AppConfig
from django.contrib import admin


class DeskConfig(AppConfig):
    name = "infactor.desk"
    verbose_name = "Desk"

    def ready(self) -> None:
        from infactor.core import staff_alerts
        from infactor.core.admin import panels as row_panels
        from infactor.desk import panels, queues  # models must be loaded
        from infactor.desk.mails import at_once
        from infactor.desk.urls import urlpatterns
        from infactor.financing.admin.queues import definitions

        for panel_of in panels.PANELS:
            row_panels.register(panel_of)
        for queue in queues.QUEUES:
            definitions.register(queue)
        staff_alerts.register(at_once.mail)
        admin.site.add_pages(urlpatterns)  # type: ignore[attr-defined]
        if find_spec("infactor.desk.demo") is not None:  # production has no demo
            from infactor.desk import demo
            from infactor.financing.demo import further

            further.register(demo.play)
