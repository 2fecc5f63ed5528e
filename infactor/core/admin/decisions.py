"""How staff decide: a page that shows the figures and asks once, one POST, one service call.

An admin class lists its `decisions`; each is a button on the page of one row, shown to those who may, while it is
possible. The view of a decision answers with `confirm_page`, which an action on several rows may answer with, too.
"""

import functools
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods

from infactor.core.admin.base import ReadOnlyAdmin
from infactor.core.transitions import MoveRefused

SHORTEST_REASON, LONGEST_REASON = 5, 500
CHANGED = "What stands here has changed since you opened the page. Look at it, and confirm once more."
MOVED_ON = "This cannot be done any more: it was decided or has changed in the meantime."
SEEN = "seen"


class ReasonForm(forms.Form):
    """Why, in words; the figures stand beside it."""

    reason = forms.CharField(
        min_length=SHORTEST_REASON,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For whoever asks later. It stays in the audit trail.",
    )


class ReasonForSupplierForm(ReasonForm):
    """Why, in words that the supplier reads, too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[
            "reason"
        ].help_text = "The supplier reads it, on its page and in a mail. It stays in the audit trail."


@dataclass(frozen=True)
class Table:
    """Rows below the facts: a cell is text, or an amount by `core.admin.amount_text`. Without columns: more facts.

    `empty` is the sentence that stands there when there are no rows.
    """

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    empty: str = "None."


@dataclass(frozen=True)
class Decision:
    """One thing that staff may do with one row.

    `name` is the last part of its address and of the address's name; `view` is given the request and the row, and
    answers with `confirm_page`; `possible` says of a row whether its button is shown and its page opens.
    """

    name: str
    label: str
    permission: str
    view: Callable[[HttpRequest, Any], HttpResponse]
    possible: Callable[[Any], bool] = field(default=lambda row: True)


def one_at_a_time(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Posts to one address are answered one after the other, each whole or not at all.

    Who presses a button twice sends both before the first is answered: the second must see what the first has done, or
    what was meant once is paid twice.
    """

    @functools.wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [request.path])
            return view(request, *args, **kwargs)

    return answered


class DecidedAdmin(ReadOnlyAdmin):
    """Facts that nobody edits, with a button for each of `decisions`; its address is `admin:app_model_name`."""

    decisions: Sequence[Decision] = ()
    change_form_template = "admin/decided.html"

    def get_urls(self) -> list[URLPattern]:
        ours = [
            path(
                f"<int:object_id>/{decision.name}/",
                self.admin_site.admin_view(functools.partial(self._decide, decision=decision)),
                name=f"{self._prefix}_{decision.name}",
            )
            for decision in self.decisions
        ]
        return [*ours, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        row = self.get_object(request, object_id)
        buttons = [
            {"label": decision.label, "url": reverse(f"admin:{self._prefix}_{decision.name}", args=[row.pk])}
            for decision in self.decisions
            if row is not None and self.may_decide(request, row, decision) and decision.possible(row)
        ]
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "decisions": buttons})

    def may_decide(self, request: HttpRequest, row: Any, decision: Decision) -> bool:
        """Whether who asks may take `decision` about `row`: by their role, and whatever else counts here."""
        return request.user.has_perm(decision.permission)

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    @method_decorator(one_at_a_time)
    def _decide(self, request: HttpRequest, object_id: int, *, decision: Decision) -> HttpResponse:
        """The page of one decision: 403 for who may not, back to the row while it is not possible."""
        if not request.user.has_perm(decision.permission):
            raise PermissionDenied
        row = self.get_object(request, str(object_id))
        if row is None:
            raise Http404
        if not self.may_decide(request, row, decision):
            raise PermissionDenied
        if not decision.possible(row):
            messages.error(request, MOVED_ON)
            return HttpResponseRedirect(page_of(row))
        return decision.view(request, row)

    @property
    def _prefix(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"


def page_of(row: Model) -> str:
    """The address of the admin page of `row`."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def confirm_page(
    request: HttpRequest,
    *,
    title: str,
    button: str,
    facts: Sequence[tuple[str, object]],
    act: Callable[[Mapping[str, Any]], str],
    back: str,
    back_label: str = "",
    form: Callable[..., forms.Form] = forms.Form,
    initial: Mapping[str, Any] | None = None,
    tables: Sequence[Table] = (),
    notes: Sequence[str] = (),
    refusals: Iterable[type[Exception]] = (),
    template: str = "admin/confirm.html",
) -> HttpResponse:
    """Show `facts` and `tables` and ask once; when confirmed, call `act` with the form's cleaned data and go `back`.

    `act` makes one service call and returns the sentence of success. What it raises of `refusals` (and MoveRefused)
    is told on the same page, with nothing lost that was typed; NotAllowed is a 403 as everywhere. `notes` are
    sentences on what will happen; `back_label` names `back` where it is no list and no row. If the facts have changed
    since the page was opened nothing is done, and the page is shown anew: so they must not tell how long ago
    something was.
    """
    seen = _digest(facts, tables)
    # An action on a list arrives here by POST before anything was confirmed.
    confirmed = request.method == "POST" and ("action" not in request.POST or SEEN in request.POST)
    asked = form(request.POST if confirmed else None, initial=dict(initial or {}))
    if confirmed and asked.is_valid():
        if request.POST.get(SEEN) != seen:
            asked.add_error(None, CHANGED)
        else:
            try:
                done = act(asked.cleaned_data)
            except MoveRefused:
                asked.add_error(None, MOVED_ON)
            except tuple(refusals) as refusal:
                asked.add_error(None, str(refusal))
            else:
                messages.success(request, done)
                return HttpResponseRedirect(back)
    context = {
        **admin.site.each_context(request),
        "title": title,
        "button": button,
        "facts": facts,
        "tables": tables,
        "notes": notes,
        "form": asked,
        "back": back,
        "back_label": back_label,
        "carried": [(name, value) for name in ("action", ACTION_CHECKBOX_NAME) for value in request.POST.getlist(name)],
        "seen": seen,
    }
    return render(request, template, context)


def _digest(facts: Sequence[tuple[str, object]], tables: Sequence[Table]) -> str:
    """The same for the same words on the page."""
    words = [f"{label}\x1f{value}" for label, value in facts]
    words += ["\x1f".join(map(str, row)) for table in tables for row in table.rows]
    return hashlib.sha256("\x1e".join(words).encode()).hexdigest()
