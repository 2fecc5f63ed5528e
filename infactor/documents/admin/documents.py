"""Documents in admin: their list, and adding, replacing, downloading and deleting one."""

from functools import cached_property
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from infactor.core import audit
from infactor.core.admin.blockers import done_blocker
from infactor.core.admin.decisions import DecisionAdmin, DecisionView, RowDecision
from infactor.core.admin.formatting import change_url, figure_text, link, moment_text
from infactor.core.admin.forms import ReasonForm
from infactor.core.admin.tables import Facts, Table
from infactor.documents import attachment, inspection, readers, storage, subjects
from infactor.documents.admin.document_forms import AboutFilter, FileForm, UploadForm
from infactor.documents.models import Document

REFUSALS = (inspection.RefusedFile, storage.CannotKeep)


class UploadView(DecisionView):
    """Add a document about the row that the address names."""

    title = gettext_lazy("Add a document")
    button = gettext_lazy("Add")
    permission = readers.KEEP
    form_class = UploadForm
    refusals = REFUSALS
    subject: Model

    def load(self) -> None:
        found = subjects.find(content_type_id=self.kwargs["content_type_id"], object_id=int(self.kwargs["object_id"]))
        if found is None:
            raise Http404
        self.subject = found
        if not self.request.user.has_perm(f"{found._meta.app_label}.view_{found._meta.model_name}"):
            raise PermissionDenied

    def get_form_kwargs(self) -> dict[str, Any]:
        readable = readers.readable_kinds(self.request.user)
        kinds = [kind for kind in subjects.kinds_of(self.subject) if kind in readable]
        return {**super().get_form_kwargs(), "kinds": kinds}

    def facts(self) -> Facts:
        return [(str(self.subject._meta.verbose_name).capitalize(), self.subject)]

    def get_success_url(self) -> str:
        return change_url(self.subject)

    def perform(self, form: Any) -> str:
        data, by = form.cleaned_data, acting_user(self.request)
        file = storage.File.sent(data["file"])
        added = storage.add(
            subject=self.subject, kind=data["kind"], file=file, note=data["note"], by=by, at=timezone.now()
        )
        return gettext("%(name)s is added.") % {"name": added.name}


class DocumentDecision(RowDecision):
    """Something that is done with one document, by who may read it."""

    row: Document

    @classmethod
    def is_allowed(cls, user: Any, row: Document) -> bool:
        return super().is_allowed(user, row) and readers.may_read(user, row.kind)

    @classmethod
    def is_possible(cls, row: Document) -> bool:
        """While its bytes are there: neither deleted nor erased."""
        return row.deleted_at is None and row.pieces.exists()

    @classmethod
    def blocker_of(cls, row: Document) -> str:
        if row.deleted_at is not None:
            return done_blocker(gettext("deleted"), at=row.deleted_at, by=row.deleted_by)
        if not row.pieces.exists():
            return gettext("Its bytes were erased.")
        return gettext("Version %(version)s stands in its place.") % {"version": row.replaced_by.version}


class DownloadView(DocumentDecision):
    """The file, to be saved: no browser opens it in infactor's name. Audited."""

    http_method_names = ["get"]
    name = "download"
    label = gettext_lazy("Download")
    permission = readers.VIEW

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        try:
            content = storage.read(document=self.row)
        except storage.DamagedDocument as damage:
            messages.error(
                request, gettext("%(damage)s Tell who operates infactor; a backup may have it.") % {"damage": damage}
            )
            return HttpResponseRedirect(change_url(self.row))
        audit.record(
            event="document.downloaded",
            subject=self.row,
            by=acting_user(request),
            at=timezone.now(),
            supplier_id=self.row.supplier_id,
        )
        return attachment.respond(content, document=self.row)


class ReplaceView(DocumentDecision, DecisionView):
    """Add the next version; this one is kept."""

    name = "replace"
    label = gettext_lazy("Replace")
    title = gettext_lazy("Replace the document")
    button = gettext_lazy("Replace")
    permission = readers.KEEP
    form_class = FileForm
    refusals = REFUSALS
    notes = (gettext_lazy("This version is kept. The new one stands in its place on the page."),)

    @classmethod
    def is_possible(cls, row: Document) -> bool:
        return not hasattr(row, "replaced_by")

    def facts(self) -> Facts:
        return document_facts(self.row)

    def get_initial(self) -> dict[str, Any]:
        return {"note": self.row.note}

    def perform(self, form: Any) -> str:
        data, by = form.cleaned_data, acting_user(self.request)
        file = storage.File.sent(data["file"])
        self.added = storage.replace(document=self.row, file=file, note=data["note"], by=by, at=timezone.now())
        return gettext("Version %(version)s is added.") % {"version": self.added.version}

    @cached_property
    def added(self) -> Document:
        return self.row

    def get_success_url(self) -> str:
        return change_url(self.added)


class DeleteView(DocumentDecision, DecisionView):
    """Delete the file for good."""

    name = "remove"
    label = gettext_lazy("Delete the file")
    title = gettext_lazy("Delete the file")
    button = gettext_lazy("Delete for good")
    permission = readers.KEEP
    needs_fresh_factor = True
    form_class = ReasonForm
    refusals = (storage.CannotKeep,)
    notes = (gettext_lazy("The file cannot be had back. Its name, who added it, and your reason stay."),)

    def facts(self) -> Facts:
        return document_facts(self.row)

    def perform(self, form: Any) -> str:
        by, reason = acting_user(self.request), form.cleaned_data["reason"]
        storage.delete(document=self.row, reason=reason, by=by, at=timezone.now())
        return gettext("%(name)s is deleted.") % {"name": self.row.name}


def document_facts(document: Document) -> Facts:
    """What staff decide on."""
    return [
        (gettext("File"), document.name),
        (gettext("Kind"), document.get_kind_display()),
        (gettext("About"), document.subject or "-"),
        (gettext("Note"), document.note or "-"),
        (gettext("Version"), document.version),
        (gettext("Size"), filesizeformat(document.size)),
        (
            gettext("Added"),
            gettext("%(moment_text)s, by %(sender)s")
            % {"moment_text": moment_text(document.uploaded_at), "sender": document.sender},
        ),
    ]


@admin.register(Document)
class DocumentAdmin(DecisionAdmin):
    list_display = ("name", "kind", "about", "version", "shown_size", "uploaded_at", "sender", "deleted_at")
    list_filter = ("kind", AboutFilter)
    list_select_related = ("uploaded_by", "content_type")
    search_fields = ("name", "note", "=sha256")
    search_help_text = gettext_lazy("By file, note or SHA-256")
    date_hierarchy = "uploaded_at"
    fields = (
        "name",
        "kind",
        "about",
        "note",
        "media_type",
        "shown_size",
        "sha256",
        "version",
        *("uploaded_at", "sender"),
    )
    readonly_fields = ("about", "shown_size", "sender")
    decisions = (DownloadView, ReplaceView, DeleteView)

    @admin.display(description=gettext_lazy("By"), ordering="uploaded_by")
    def sender(self, row: Document) -> str:
        return row.sender

    def get_fields(self, request: HttpRequest, obj: Document | None = None) -> Any:
        """With who deleted it, and why, where somebody did."""
        fields = super().get_fields(request, obj)
        gone = obj is not None and obj.deleted_at is not None
        return (*fields, "deleted_at", "deleted_by", "deletion_reason") if gone else fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        """Only kinds that the reader may read."""
        rows: QuerySet[Document] = super().get_queryset(request)
        return rows.filter(kind__in=readers.readable_kinds(request.user)).prefetch_related("subject")

    def get_urls(self) -> list[URLPattern]:
        upload = path(
            "add/<int:content_type_id>/<int:object_id>/",
            self.admin_site.admin_view(UploadView.as_view()),
            name="documents_document_upload",
        )
        return [upload, *super().get_urls()]

    def related_tables(self, row: Document) -> list[Table]:
        """Every version of the document, this one too."""
        versions, one = [row], row
        while one.replaces is not None:
            one = one.replaces
            versions.append(one)
        one = row
        while hasattr(one, "replaced_by"):
            one = one.replaced_by
            versions.insert(0, one)
        rows = [
            (
                link(each, gettext("Version %(version)s") % {"version": each.version}),
                each.name,
                moment_text(each.uploaded_at),
                each.sender,
                "deleted" if each.deleted_at else "",
            )
            for each in versions
        ]
        return (
            [
                Table(
                    gettext("Versions"),
                    (gettext("Version"), gettext("File"), gettext("Added"), gettext("By"), gettext("State")),
                    rows,
                )
            ]
            if len(rows) > 1
            else []
        )

    @admin.display(description=gettext_lazy("About"))
    def about(self, document: Document) -> SafeString | str:
        subject = document.subject
        return link(subject) if subject is not None else "-"

    @admin.display(description=gettext_lazy("Size"), ordering="size")
    def shown_size(self, document: Document) -> SafeString:
        return figure_text(filesizeformat(document.size))


def acting_user(request: HttpRequest) -> Any:
    """Who is signed in: pages of staff have somebody."""
    return request.user
