"""Decisions of staff: a page that shows the facts, asks once and makes one service call.

`DecisionView` is such a page. `RowDecision` makes it the decision about one row: an admin class lists its row decisions
in `decisions`, and each becomes a button on the page of the row. `PreviewView` (in `preview`) shows first what the
typed values would do.
"""

import functools
import hashlib
from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import SimpleTemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, View

from infactor.core import second_factor
from infactor.core.access import NeedsPermission
from infactor.core.admin.base import ReadOnlyAdmin
from infactor.core.admin.blockers import NO_LONGER_POSSIBLE, status_blocker
from infactor.core.admin.formatting import change_url
from infactor.core.admin.tables import Facts, Table
from infactor.core.transitions import TransitionNotAllowed
from infactor.core.translatable import Text

CHANGED = gettext_lazy("The figures have changed since you opened this page. Check them, then confirm again.")
PREVIEW_TOKEN = "preview_token"  # noqa: S105  the name of a form field


def serialize_posts(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Answer the POSTs to one address one after the other, each in one transaction.

    A double click sends the second POST before the first is answered. The second must see what the first has done, or
    a payout that was meant once is made twice.
    """

    @functools.wraps(view)
    def serialized(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [request.path])
            response = view(request, *args, **kwargs)
            if isinstance(response, SimpleTemplateResponse):
                response.render()  # by default it is rendered later, when the lock is released
            return response

    return serialized


class StaffView(View):
    """A page of staff behind `permission`, for one subject that its address names.

    `needs_fresh_factor`: whether the second factor is asked for anew, unless it was shown within SECOND_FACTOR_FRESH.
    Where money or its rules are decided, it is: an open session that somebody else sits down at decides nothing.

    `reads_at_any_time`: the page only reads until something is posted, and is opened without the factor.
    `holds_secrets`: a form that waits for the factor waits in the session, in clear. With secrets it is typed again.
    """

    http_method_names = ["get", "head", "post"]
    permission = ""
    needs_fresh_factor = False
    reads_at_any_time = False
    holds_secrets = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.has_permission():
            raise NeedsPermission(self.permission)
        if self.needs_fresh_factor and not (self.reads_at_any_time and request.method != "POST"):
            asked = second_factor.demand(request, fresh=True, keeps_form=not self.holds_secrets)
            if asked is not None:
                return asked
        self.load()
        if blocker := self.blocker():
            messages.error(request, blocker)
            return HttpResponseRedirect(self.get_blocked_url())
        return super().dispatch(request, *args, **kwargs)

    def has_permission(self) -> bool:
        return self.request.user.has_perm(self.permission)

    def load(self) -> None:
        """Fetch what the address names. Raises Http404 if it is missing, PermissionDenied if not allowed."""

    def blocker(self) -> str:
        """Why the page cannot be opened now, as a sentence; empty where it can."""
        return ""

    def get_blocked_url(self) -> str:
        """Where the reader is sent when there is a blocker."""
        raise NotImplementedError


@method_decorator(serialize_posts, name="dispatch")
class DecisionView(StaffView, FormView):
    """Shows facts and a form; a confirmed form performs the decision.

    The page carries a token of the facts and tables that were shown. When they have changed before the decision is
    confirmed, nothing is done and the page is shown again; so no fact may depend on the present time.
    """

    template_name = "admin/decision.html"
    form_class: Any = forms.Form
    title: Text = ""
    button: Text = ""  # the label of the button that confirms
    cancel_label: Text = gettext_lazy("Cancel")
    notes: Sequence[Text] = ()  # sentences on what will happen
    refusals: Iterable[type[Exception]] = ()  # errors of the service, shown above the form or beside their `field`
    back_label: Text = ""  # the name of the page to return to, where it is no list and no row

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.label_suffix = ""
        return form

    def facts(self) -> Facts:
        """What staff decide on, as labels with values."""
        return ()

    def tables(self) -> Sequence[Table]:
        """What staff decide on, as tables below the facts."""
        return ()

    def get_notes(self) -> Sequence[Text]:
        return self.notes

    @abstractmethod
    def perform(self, form: Any) -> str:
        """Make one service call with the form's cleaned data, and return the message of success."""

    @abstractmethod
    def get_success_url(self) -> str:
        """The page to return to, done or not."""

    def get_blocked_url(self) -> str:
        return self.get_success_url()

    @cached_property
    def shown_facts(self) -> Facts:
        return self.facts()

    @cached_property
    def shown_tables(self) -> Sequence[Table]:
        return self.tables()

    @cached_property
    def preview_token(self) -> str:
        return token(facts=self.shown_facts, tables=self.shown_tables)

    def form_valid(self, form: Any) -> HttpResponse:
        if self.request.POST.get(PREVIEW_TOKEN) == self.preview_token:
            return self.execute(form)
        form.add_error(None, CHANGED)
        return self.form_invalid(form)

    def execute(self, form: Any) -> HttpResponse:
        """Perform the decision. A refusal is shown on the same page, with everything that was typed."""
        try:
            done = self.perform(form)
        except TransitionNotAllowed:
            form.add_error(None, self.changed_meanwhile())
        except tuple(self.refusals) as refusal:
            field = getattr(refusal, "field", None)
            form.add_error(field if field in form.fields else None, str(refusal))
        else:
            messages.success(self.request, done)
            return HttpResponseRedirect(self.get_success_url())
        return self.form_invalid(form)

    def changed_meanwhile(self) -> str:
        """Why the decision is refused where the row has changed since it was loaded."""
        return str(NO_LONGER_POSSIBLE)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **admin.site.each_context(self.request),
            **super().get_context_data(**kwargs),
            "title": self.title,
            "button": self.button,
            "cancel_label": self.cancel_label,
            "facts": self.shown_facts,
            "tables": self.shown_tables,
            "notes": self.get_notes(),
            "back": self.get_success_url(),
            "back_label": self.back_label,
            "preview_token": self.preview_token,
        }


def token(*, facts: Facts, tables: Sequence[Table], extra: Sequence[str] = ()) -> str:
    """A hash that is equal exactly when the same texts were shown."""
    parts = [*extra, *(f"{label}\x1f{value}" for label, value in facts)]
    parts += ["\x1f".join(map(str, row)) for table in tables for row in table.rows]
    return hashlib.sha256("\x1e".join(parts).encode()).hexdigest()


class RowDecision(StaffView):
    """A decision about one row: a button on the row's page, at `<row>/<name>/`, named `admin:<app>_<model>_<name>`."""

    model_admin: Any = None  # a DecisionAdmin, given by its `get_urls`
    name = ""
    label: Text = ""  # the label of the button on the row's page
    alternatives: Sequence[str] = ()  # names of other decisions about the row that this one's page leads to
    row: Any

    @classmethod
    def is_allowed(cls, user: Any, row: Any) -> bool:
        """Whether `user` may decide about `row`."""
        return bool(user.has_perm(cls.permission))

    @classmethod
    def is_possible(cls, row: Any) -> bool:
        """Whether the state of `row` admits this decision: only then is its button shown and its page opened."""
        return True

    @classmethod
    def blocker_of(cls, row: Any) -> str:
        """Why the decision is not possible, as a sentence for the person who opens its page by address."""
        return status_blocker(row)

    def load(self) -> None:
        self.row = self.model_admin.get_object(self.request, str(self.kwargs["object_id"]))
        if self.row is None:
            raise Http404
        if not self.is_allowed(self.request.user, self.row):
            raise NeedsPermission(self.permission, _("You may not decide about this row yourself: somebody else must."))

    def blocker(self) -> str:
        return "" if self.is_possible(self.row) else self.blocker_of(self.row)

    def changed_meanwhile(self) -> str:
        self.load()
        return self.blocker() or str(NO_LONGER_POSSIBLE)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        others = [one for one in getattr(self.model_admin, "decisions", ()) if one.name in self.alternatives]
        buttons = self.model_admin.buttons(others, user=self.request.user, row=self.row) if others else []
        return {**super().get_context_data(**kwargs), "alternatives": buttons}  # type: ignore[misc]

    def get_success_url(self) -> str:
        return change_url(self.row)

    def get_blocked_url(self) -> str:
        return change_url(self.row)


class DecisionAdmin(ReadOnlyAdmin):
    """Read-only rows with a button for each of `decisions`; `add_decision` is the page that adds one, if any does."""

    decisions: Sequence[type[RowDecision]] = ()
    add_decision: type[DecisionView] | None = None

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"<int:object_id>/{decision.name}/",
                self.admin_site.admin_view(decision.as_view(model_admin=self)),
                name=f"{self._prefix}_{decision.name}",
            )
            for decision in self.decisions
        ]
        return [*own, *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.add_decision is not None and request.user.has_perm(self.add_decision.permission)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        if self.add_decision is None:
            return super().add_view(request, form_url, extra_context)
        return self.add_decision.as_view()(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        row = self.get_object(request, object_id)
        buttons = [] if row is None else self.buttons(self.decisions, user=request.user, row=row)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "decisions": buttons})

    def buttons(self, decisions: Sequence[type[RowDecision]], *, user: Any, row: Any) -> list[dict[str, str]]:
        """Those of `decisions` that `user` may take about `row` now, each as a label and an address."""
        return [
            {"label": str(decision.label), "url": reverse(f"admin:{self._prefix}_{decision.name}", args=[row.pk])}
            for decision in decisions
            if decision.is_allowed(user, row) and decision.is_possible(row)
        ]

    @property
    def _prefix(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"
