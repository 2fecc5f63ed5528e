"""The forms of documents, and the filter of their list."""

from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import format_lazy
from django.utils.translation import gettext, gettext_lazy

from infactor.documents import inspection, subjects
from infactor.documents.models import Document, Kind


class FileForm(forms.Form):
    """Asks for a file."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=format_lazy(
            gettext_lazy("{formats}. Files that do something by themselves are refused."), formats=inspection.FORMATS
        ),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Whose it is, or what matters about it."),
    )


class UploadForm(FileForm):
    """Asks for a file and its kind."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=())
    field_order = ("kind", "file", "note")

    def __init__(self, *args: Any, kinds: list[Kind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", gettext("Choose…")), *((one.value, one.label) for one in kinds)]  # type: ignore[attr-defined]


class AboutFilter(admin.SimpleListFilter):
    """By what documents are about."""

    title = gettext_lazy("what they are about")
    parameter_name = "about"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        models = [apps.get_model(label) for label in subjects.registered()]
        return [(model._meta.label_lower, str(model._meta.verbose_name_plural).capitalize()) for model in models]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Document]) -> QuerySet[Document]:
        if self.value() not in subjects.registered():
            return queryset
        app, _, model = str(self.value()).partition(".")
        return queryset.filter(content_type__app_label=app, content_type__model=model)
