"""Tasks in admin: all of them, adding one, and what may be done with one."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import linebreaksbr
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext as _

from infactor.core.admin.decisions import RowDecision
from infactor.core.admin.filters import YesNoFilter
from infactor.core.admin.formatting import day_text, moment_text
from infactor.core.admin.forms import ReasonForm
from infactor.core.admin.tables import Facts
from infactor.core.business_day import business_day
from infactor.core.form_fields import DayInput
from infactor.desk import assignments, rights
from infactor.desk.admin.base import AboutAdmin, AboutDecision, AboutFilter, DeskDecision, about_text, person_text
from infactor.desk.assignments import Owner
from infactor.desk.models import Task
from infactor.desk.rights import WORK_ON_TASKS
from infactor.suppliers.access import signed_in_user
from infactor.users.models import User


class OwnerField(forms.ChoiceField):
    """Asks who does a task: a role, or a person who may do it."""

    def __init__(self, *, kind: str, me: User) -> None:
        people = [one for one in rights.staff_with(WORK_ON_TASKS) if rights.may_own(one, kind=kind)]
        named = [(f"user:{one.pk}", person_text(one) + (" (you)" if one.pk == me.pk else "")) for one in people]
        anybody = [
            (f"role:{role}", gettext("Anybody of %(role)s") % {"role": role}) for role in rights.roles_for(kind=kind)
        ]
        super().__init__(label=gettext("Who"), choices=[*anybody, *named])

    def clean(self, value: Any) -> Owner:
        sort, _, name = super().clean(value).partition(":")
        return Owner(role=name) if sort == "role" else Owner(User.objects.get(pk=name))


class ReassignForm(forms.Form):
    """Asks who does it until when."""

    due_on = forms.DateField(label=gettext_lazy("Due"), widget=DayInput())
    field_order: Sequence[str] = ("owner", "due_on")

    def __init__(self, *args: Any, kind: str, me: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"] = OwnerField(kind=kind, me=me)
        self.order_fields(self.field_order)


class TaskForm(ReassignForm):
    """Asks for a new task."""

    title = forms.CharField(label=gettext_lazy("What is to be done"), max_length=200)
    details = forms.CharField(
        label=gettext_lazy("Details"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    field_order = ("title", "details", "owner", "due_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, kind=Task.Kind.GENERAL, **kwargs)


class AddTaskView(AboutDecision):
    """Add a task, about a row or about none."""

    permission = WORK_ON_TASKS
    title = gettext_lazy("Add a task")
    button = gettext_lazy("Add")
    form_class = TaskForm
    list_page = "desk_task_changelist"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "me": self.user}

    def get_initial(self) -> dict[str, Any]:
        tomorrow = business_day(timezone.now()) + timedelta(days=1)
        return {"owner": f"user:{self.user.pk}", "due_on": tomorrow}

    def perform(self, form: Any) -> str:
        task = assignments.add(**form.cleaned_data, about=self.about, by=self.user, at=timezone.now())
        return gettext("The task is added, for %(owner_text)s, due %(due_on)s.") % {
            "owner_text": task.owner_text,
            "due_on": day_text(task.due_on),
        }


class _TaskDecision(RowDecision, DeskDecision):
    """A decision about an open task."""

    row: Task
    permission = WORK_ON_TASKS

    @classmethod
    def is_allowed(cls, user: Any, row: Task) -> bool:
        return super().is_allowed(user, row) and rights.may_own(user, kind=row.kind)

    @classmethod
    def is_possible(cls, row: Task) -> bool:
        return row.is_open

    def facts(self) -> Facts:
        details = [(gettext("Details"), linebreaksbr(self.row.details))] if self.row.details else []
        return [
            (gettext("Task"), self.row.title),
            *details,
            (gettext("About"), about_text(self.row)),
            (gettext("Who"), self.row.owner_text),
            (gettext("Due"), day_text(self.row.due_on)),
        ]


class TakeView(_TaskDecision):
    """Take over a task."""

    name, label, title, button = (
        "take",
        gettext_lazy("Take it"),
        gettext_lazy("Take over the task"),
        gettext_lazy("Take it"),
    )

    @classmethod
    def is_allowed(cls, user: Any, row: Task) -> bool:
        return super().is_allowed(user, row) and row.owner_id != user.pk

    def perform(self, form: Any) -> str:
        assignments.take(task=self.row, by=self.user, at=timezone.now())
        return gettext("The task is yours.")


class FinishView(_TaskDecision):
    """Say that a task is done."""

    name, label, title, button = "finish", gettext_lazy("Done"), gettext_lazy("The task is done"), gettext_lazy("Done")

    def perform(self, form: Any) -> str:
        assignments.finish(task=self.row, by=self.user, at=timezone.now())
        return gettext("The task is done.")


class ReassignView(_TaskDecision):
    """Give a task to somebody else, or until another day."""

    name, label, title, button = (
        "reassign",
        gettext_lazy("Reassign"),
        gettext_lazy("Reassign the task"),
        gettext_lazy("Save"),
    )
    form_class = ReassignForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "kind": self.row.kind, "me": self.user}

    def get_initial(self) -> dict[str, Any]:
        owner = f"role:{self.row.role}" if self.row.role else f"user:{self.row.owner_id}"
        return {"owner": owner, "due_on": self.row.due_on}

    def perform(self, form: Any) -> str:
        task = assignments.reassign(task=self.row, **form.cleaned_data, by=self.user, at=timezone.now())
        return gettext("It is for %(owner_text)s, due %(due_on)s.") % {
            "owner_text": task.owner_text,
            "due_on": day_text(task.due_on),
        }


class DropView(_TaskDecision):
    """Say that nobody has to do it any more, and why."""

    name, label, title, button = "drop", gettext_lazy("Drop"), gettext_lazy("Drop the task"), gettext_lazy("Drop")
    form_class = ReasonForm

    def perform(self, form: Any) -> str:
        assignments.drop(task=self.row, reason=form.cleaned_data["reason"], by=self.user, at=timezone.now())
        return gettext("The task is dropped.")


class WhoseFilter(admin.SimpleListFilter):
    title = gettext_lazy("who")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("mine", gettext("Mine, and my role's")),
            ("own", gettext("Mine only")),
            ("nobody", gettext("Taken by nobody")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        user = signed_in_user(request)
        if self.value() == "mine":
            role = Q(owner__isnull=True, role__in=rights.roles_of(user))
            return queryset.filter(Q(owner=user) | role)
        if self.value() == "own":
            return queryset.filter(owner=user)
        return queryset.filter(owner__isnull=True) if self.value() == "nobody" else queryset


class OverdueFilter(YesNoFilter):
    title = gettext_lazy("overdue")
    parameter_name = "overdue"
    yes, no = gettext_lazy("Overdue"), gettext_lazy("Not overdue")

    def condition(self) -> Q:
        return Q(status=Task.Status.OPEN, due_on__lt=business_day(timezone.now()))


@admin.register(Task)
class TaskAdmin(AboutAdmin):
    list_display = ("title", "shown_about", "shown_owner", "shown_due", "status", "kind")
    list_filter = (WhoseFilter, "status", OverdueFilter, "kind", "role", AboutFilter)
    search_fields = ("title", "details", "owner__email", "owner__name")
    search_help_text = gettext_lazy("By words of the task, or who does it")
    date_hierarchy = "due_on"
    fields = (
        "title",
        "details",
        "shown_about",
        "shown_owner",
        "shown_due",
        "status",
        "reason",
        "kind",
        "shown_promise",
        "shown_added",
        "shown_closed",
    )
    readonly_fields = ("shown_about", "shown_owner", "shown_due", "shown_promise", "shown_added", "shown_closed")
    decisions = (FinishView, TakeView, ReassignView, DropView)
    add_decision = AddTaskView
    queues = {("kind__exact", Task.Kind.BROKEN_PROMISE): "added_at"}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Task]:
        rows = super().get_queryset(request)
        return rows.select_related("owner", "added_by", "closed_by", "promise__debtor", "promise__buyer")

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """The open ones by their due day, then those that ended last; a queue by its longest waiting."""
        return super().get_ordering(request) or [F("closed_at").desc(nulls_first=True), "due_on", "pk"]

    @admin.display(description=gettext_lazy("who"), ordering="owner")
    def shown_owner(self, task: Task) -> str:
        return task.owner_text

    @admin.display(description=gettext_lazy("due"), ordering="due_on")
    def shown_due(self, task: Task) -> SafeString | str:
        return due_text(task)

    @admin.display(description=gettext_lazy("promise"))
    def shown_promise(self, task: Task) -> str:
        return str(task.promise or "-")

    @admin.display(description=gettext_lazy("added"))
    def shown_added(self, task: Task) -> str:
        return gettext("%(moment_text)s, by %(person_text)s") % {
            "moment_text": moment_text(task.added_at),
            "person_text": person_text(task.added_by),
        }

    @admin.display(description=gettext_lazy("ended"))
    def shown_closed(self, task: Task) -> str:
        return (
            gettext("%(moment_text)s, by %(person_text)s")
            % {"moment_text": moment_text(task.closed_at), "person_text": person_text(task.closed_by)}
            if task.closed_at
            else "-"
        )


def due_text(task: Task) -> SafeString | str:
    """The due day, with a word where it is past."""
    if task.is_open and task.due_on < business_day(timezone.now()):
        return format_html(_("{} <strong>overdue</strong>"), day_text(task.due_on))
    return day_text(task.due_on)
