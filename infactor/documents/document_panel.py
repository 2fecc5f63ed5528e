"""The documents of a row, on staff's page of it."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from infactor.core.admin.formatting import change_url, figure_text, moment_text
from infactor.core.admin.panels import Panel
from infactor.core.admin.tables import Table
from infactor.documents import readers, storage, subjects
from infactor.documents.models import Document


def panel_of(user: Any, row: models.Model) -> Panel | None:
    """The newest version of each document; of kinds that `user` may not read, only that it is there."""
    subject = subjects.shown_for(row)
    if subject is None or not user.has_perm(readers.VIEW):
        return None
    rows = [
        (
            _link(user, one),
            one.get_kind_display(),
            one.note if one.note and readers.may_read(user, one.kind) else "-",
            figure_text(one.version),
            figure_text(filesizeformat(one.size)),
            moment_text(one.uploaded_at),
            one.sender,
        )
        for about in filter(None, (subject, subjects.also_shown_for(subject)))
        for one in storage.newest(about)
    ]
    columns = (_("File"), _("Kind"), _("Note"), _("Version"), _("Size"), _("Added"), _("By"))
    buttons = [(_("Add a document"), upload_url(subject))] if user.has_perm(readers.KEEP) else []
    return Panel(Table(_("Documents"), columns, rows, empty="No documents yet."), buttons)


def upload_url(subject: models.Model) -> str:
    """The page that adds a document about `subject`."""
    type_id = ContentType.objects.get_for_model(subject).pk
    return reverse("admin:documents_document_upload", args=[type_id, subject.pk])


def _link(user: Any, document: Document) -> SafeString | str:
    if not readers.may_read(user, document.kind):
        return _("Not for your role")
    return format_html('<a href="{}"><bdi>{}</bdi></a>', change_url(document), document.name)
