"""App configuration of documents: their table on the pages of what they are about."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "infactor.documents"
    verbose_name = "Documents"

    def ready(self) -> None:
        from infactor.core.admin import panels
        from infactor.documents import document_panel

        panels.register(document_panel.panel_of)
