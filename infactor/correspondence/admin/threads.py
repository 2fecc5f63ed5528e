"""Threads in admin: those that wait and all others, and who is responsible."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.decisions import DecisionAdmin, DecisionView, RowDecision
from infactor.core.admin.filters import YesNoFilter
from infactor.core.admin.formatting import link, moment_text, waiting_text
from infactor.core.admin.tables import Facts, Table
from infactor.correspondence import threads
from infactor.correspondence.admin.texts import messages_table, person_text, responsible_text
from infactor.correspondence.admin.writing import REFUSALS, AnswerView, WriteView
from infactor.correspondence.models import Thread
from infactor.correspondence.threads import ANSWER_SUPPLIERS
from infactor.suppliers.access import signed_in_user
from infactor.users.models import User


class _ThreadDecision(RowDecision, DecisionView):
    """A decision about a thread."""

    row: Thread
    permission = ANSWER_SUPPLIERS
    refusals = REFUSALS

    @property
    def user(self) -> User:
        return signed_in_user(self.request)

    def facts(self) -> Facts:
        return [
            (_("Supplier"), link(self.row.supplier)),
            (_("About"), capfirst(self.row.title)),
            (_("Waiting since"), moment_text(self.row.waiting_since)),
            (_("Responsible"), responsible_text(self.row)),
        ]


class SettleView(_ThreadDecision):
    """Say that the last message needs no answer."""

    name, label = "settle", gettext_lazy("No answer needed")
    title = gettext_lazy("The message needs no answer")
    button = gettext_lazy("No answer needed")
    notes = (gettext_lazy("The supplier is not told. The thread waits again as soon as the supplier writes."),)

    @classmethod
    def is_possible(cls, row: Thread) -> bool:
        return row.waiting_since is not None

    @classmethod
    def blocker_of(cls, row: Thread) -> str:
        return _("Nothing waits for an answer here.")

    def tables(self) -> Sequence[Table]:
        return [messages_table(self.row)]

    def perform(self, form: Any) -> str:
        threads.settle(thread=self.row, by=self.user, at=timezone.now())
        return _("Nothing waits here any more.")


class AssignForm(forms.Form):
    """Asks who is responsible."""

    person = forms.ChoiceField(label=gettext_lazy("Responsible"), required=False)

    def __init__(self, *args: Any, people: list[User], me: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(str(one.pk), person_text(one) + (_(" (you)") if one.pk == me.pk else "")) for one in people]
        self.fields["person"].choices = [("", _("Nobody in particular")), *named]  # type: ignore[attr-defined]


class AssignView(_ThreadDecision):
    """Make one of staff responsible: only that person is mailed when the supplier writes."""

    name, label = "assign", gettext_lazy("Assign")
    title = gettext_lazy("Who is responsible")
    button = gettext_lazy("Save")
    form_class = AssignForm

    @cached_property
    def people(self) -> list[User]:
        staff = User.objects.filter(is_active=True, is_staff=True).order_by("email")
        return [one for one in staff if one.has_perm(ANSWER_SUPPLIERS)]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "people": self.people, "me": self.user}

    def get_initial(self) -> dict[str, Any]:
        return {"person": str(self.row.assigned_to_id or self.user.pk)}

    def perform(self, form: Any) -> str:
        chosen = next((one for one in self.people if str(one.pk) == form.cleaned_data["person"]), None)
        threads.assign(thread=self.row, to=chosen, by=self.user, at=timezone.now())
        return _("Responsible: %(person)s.") % {"person": responsible_text(self.row)}


class WaitingFilter(YesNoFilter):
    title = gettext_lazy("waiting for an answer")
    parameter_name = "waiting"
    yes, no = gettext_lazy("Waiting"), gettext_lazy("Answered")

    def condition(self) -> Q:
        return Q(waiting_since__isnull=False)


class ResponsibleFilter(admin.SimpleListFilter):
    title = gettext_lazy("responsible")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("mine", _("Me")), ("nobody", _("Nobody in particular"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Thread]) -> QuerySet[Thread]:
        if self.value() == "mine":
            return queryset.filter(assigned_to=signed_in_user(request))
        return queryset.filter(assigned_to=None) if self.value() == "nobody" else queryset


@admin.register(Thread)
class ThreadAdmin(DecisionAdmin):
    list_display = ("shown_title", "supplier", "shown_waiting", "shown_responsible", "last_written_at")
    list_filter = (WaitingFilter, ResponsibleFilter)
    search_fields = ("supplier__name", "invoice__invoice_no")
    search_help_text = gettext_lazy("By supplier or invoice number")
    date_hierarchy = "last_written_at"
    fields = ("supplier", "shown_about", "waiting_since", "shown_responsible", "last_written_at")
    readonly_fields = ("shown_about", "shown_responsible")
    decisions = (AnswerView, AssignView, SettleView)
    add_decision = WriteView
    queues = {("waiting", "yes"): "waiting_since"}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # the list has no button: a message is written on the page of a row

    def get_queryset(self, request: HttpRequest) -> QuerySet[Thread]:
        return threads.with_about(super().get_queryset(request))

    def related_tables(self, row: Thread) -> Sequence[Table]:
        return [messages_table(row)]

    @admin.display(description=gettext_lazy("about"), ordering="pk")
    def shown_title(self, thread: Thread) -> str:
        return capfirst(thread.title)

    @admin.display(description=gettext_lazy("about"))
    def shown_about(self, thread: Thread) -> SafeString | str:
        return link(thread.about, capfirst(thread.title)) if thread.about is not None else capfirst(thread.title)

    @admin.display(description=gettext_lazy("waiting"), ordering="waiting_since")
    def shown_waiting(self, thread: Thread) -> str:
        return waiting_text(thread.waiting_since, now=timezone.now()) or "-"

    @admin.display(description=gettext_lazy("responsible"), ordering="assigned_to")
    def shown_responsible(self, thread: Thread) -> str:
        return responsible_text(thread)
