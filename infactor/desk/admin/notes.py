"""Notes in admin: all of them, writing one, and pinning."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import linebreaksbr
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.decisions import RowDecision
from infactor.core.admin.formatting import moment_text
from infactor.core.admin.tables import Facts
from infactor.desk import notes
from infactor.desk.admin.base import AboutAdmin, AboutDecision, AboutFilter, DeskDecision, person_text
from infactor.desk.models import Note
from infactor.desk.rights import WRITE_NOTES


class NoteForm(forms.Form):
    """Asks for a note."""

    text = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=notes.MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("Staff read it; suppliers never do. It cannot be changed: another note corrects it."),
    )
    is_pinned = forms.BooleanField(label=gettext_lazy("Pin it above the others"), required=False)


class WriteNoteView(AboutDecision):
    """Write a note about a row."""

    permission = WRITE_NOTES
    title = gettext_lazy("Write a note")
    button = gettext_lazy("Write")
    form_class = NoteForm
    list_page, back_label = "desk_note_changelist", gettext_lazy("Notes")

    def blocker(self) -> str:
        return "" if self.about is not None else _("Open what the note is about, and write it there.")

    def perform(self, form: Any) -> str:
        if self.about is None:
            raise ValueError(_("The blocker refused it."))
        notes.write(about=self.about, **form.cleaned_data, by=self.user, at=timezone.now())
        return _("The note is written.")


class _PinDecision(RowDecision, DeskDecision):
    """Pins a note, or lets it go."""

    row: Note
    permission = WRITE_NOTES
    is_pinned = True

    @classmethod
    def blocker_of(cls, row: Note) -> str:
        return _("It is pinned already.") if row.is_pinned else _("It is not pinned.")

    def facts(self) -> Facts:
        return [
            (_("Written by"), person_text(self.row.author)),
            (_("Written"), moment_text(self.row.written_at)),
            (_("Note"), linebreaksbr(self.row.text)),
        ]

    def perform(self, form: Any) -> str:
        notes.set_pinned(note=self.row, is_pinned=self.is_pinned, by=self.user, at=timezone.now())
        return _("The note is pinned.") if self.is_pinned else _("The note is not pinned any more.")


class PinView(_PinDecision):
    """Pin a note above the others of its row."""

    name, label, title, button = "pin", gettext_lazy("Pin"), gettext_lazy("Pin the note"), gettext_lazy("Pin")

    @classmethod
    def is_possible(cls, row: Note) -> bool:
        return not row.is_pinned


class UnpinView(_PinDecision):
    """Let a note go back among the others."""

    name, label, title, button = "unpin", gettext_lazy("Unpin"), gettext_lazy("Unpin the note"), gettext_lazy("Unpin")
    is_pinned = False

    @classmethod
    def is_possible(cls, row: Note) -> bool:
        return row.is_pinned


@admin.register(Note)
class NoteAdmin(AboutAdmin):
    list_display = ("shown_about", "text", "shown_author", "written_at", "is_pinned")
    list_display_links = ("text",)
    list_filter = ("is_pinned", AboutFilter)
    search_fields = ("text", "author__email", "author__name")
    search_help_text = gettext_lazy("By words of the note, or who wrote it")
    date_hierarchy = "written_at"
    fields = ("shown_about", "text", "shown_author", "written_at", "is_pinned")
    readonly_fields = ("shown_about", "shown_author")
    decisions = (PinView, UnpinView)
    add_decision = WriteNoteView

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # the list has no button: a note is written on the page of a row

    def get_queryset(self, request: HttpRequest) -> QuerySet[Note]:
        return super().get_queryset(request).select_related("author")

    @admin.display(description=gettext_lazy("written by"), ordering="author")
    def shown_author(self, note: Note) -> str:
        return person_text(note.author)
