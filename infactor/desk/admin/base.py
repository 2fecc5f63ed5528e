"""What the desk's pages share: decisions whose refusal is a sentence, and the row that a page is about."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from infactor.core.admin.decisions import DecisionAdmin, DecisionView
from infactor.core.admin.formatting import change_url, link
from infactor.desk import subjects
from infactor.desk.rights import DeskError
from infactor.suppliers.access import signed_in_user
from infactor.users.models import User

GONE = gettext_lazy("a row that is gone, or that you may not see")


class DeskDecision(DecisionView):
    """A decision of the desk."""

    refusals = (DeskError,)

    @property
    def user(self) -> User:
        return signed_in_user(self.request)


class AboutDecision(DeskDecision):
    """Adds something about the row that `?about=invoices.invoice:5` names."""

    list_page = ""  # the list to return to where there is no row

    @cached_property
    def about(self) -> Model | None:
        """The row; None where the address names none. Raises Http404 for one that the reader may not see."""
        text = self.request.GET.get("about", "")
        if not text:
            return None
        try:
            return subjects.read_token(text, by=self.user)
        except subjects.UnknownSubject as unknown:
            raise Http404 from unknown

    def load(self) -> None:
        _ = self.about

    def get_success_url(self) -> str:
        return change_url(self.about) if self.about is not None else reverse(f"admin:{self.list_page}")

    def facts(self) -> list[tuple[str, object]]:
        if self.about is None:
            return []
        return [(gettext("About"), link(self.about, subjects.name_of(self.about)))]


class AboutFilter(admin.SimpleListFilter):
    """By what kind of row it is about, of those that the reader may see."""

    title = gettext_lazy("what it is about")
    parameter_name = "about"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        visible = subjects.visible_types(signed_in_user(request))
        return [(label, name) for label, name in subjects.labels().items() if label in visible]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(subject_type=self.value()) if self.value() else queryset


class AboutAdmin(DecisionAdmin):
    """A list of rows about rows: of those that the reader may see, each with a link to what it is about."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.filter(subject_type__in=["", *subjects.visible_types(signed_in_user(request))])

    def read_for_rows(self, rows: list[Any], *, request: HttpRequest) -> None:
        _attach_subjects(rows, by=signed_in_user(request))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            _attach_subjects([row], by=signed_in_user(request))
        return row

    @admin.display(description=gettext_lazy("about"))
    def shown_about(self, row: Any) -> SafeString | str:
        return about_text(row)


def _attach_subjects(rows: Sequence[Any], *, by: User) -> None:
    """Give each row its `subject`, where that exists and `by` may see it. A query a model."""
    found = subjects.find(rows, by=by)
    for row in rows:
        row.subject = found.get((row.subject_type, row.subject_id))


def about_text(row: Any) -> SafeString | str:
    """A link to the `subject` that was attached to a note or task; "-" where it is about none."""
    if not row.subject_type:
        return "-"
    return str(GONE) if row.subject is None else link(row.subject, subjects.name_of(row.subject))


def with_subjects(rows: Iterable[Any], *, by: User) -> list[Any]:
    """Notes or tasks with their `subject`, for `about_text`."""
    found = list(rows)
    _attach_subjects(found, by=by)
    return found


def person_text(user: User | None) -> str:
    """A person by name, else by address; infactor itself where there is none."""
    return "infactor" if user is None else user.name or user.email
