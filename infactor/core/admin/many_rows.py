"""Decisions about many rows: what is clean is done, each row in a transaction of its own; the rest says why not.

The page rehearses every row first: it is done and rolled back, so a row is offered only if the service would do it.
"""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy

from infactor.core.admin.blockers import NO_LONGER_POSSIBLE
from infactor.core.admin.decisions import DecisionAdmin, DecisionView, StaffView
from infactor.core.admin.formatting import link
from infactor.core.admin.tables import Table
from infactor.core.lists.files import filters_of
from infactor.core.transitions import TransitionNotAllowed
from infactor.core.translatable import Text

MOST_AT_ONCE = 100


@dataclass(frozen=True)
class Outcome:
    """What came of a row. `refusal` says why it was not done; `waiting` says why it waits for somebody else.

    `cells` are what the page shows of it, beside the row.
    """

    row: Any
    cells: Sequence[object] = ()
    refusal: Text = ""
    waiting: Text = ""


class ManyRowsDecision(DecisionView):
    """A decision about every row of a list that is clean. The address carries the filters of the list.

    A page of an admin class that lists it in `many_rows`, at `<list>/<name>/`, named `admin:<app>_<model>_<name>`.
    """

    model_admin: Any = None
    name = ""
    label: Text = ""  # of the button above the list
    columns: Sequence[Text] = ()  # of the rows that are clean, beside the row
    done_caption = gettext_lazy("Will be done")
    waiting_caption = gettext_lazy("Will wait for a second person")
    refused_caption = gettext_lazy("Will not be done")

    @abstractmethod
    def candidates(self, rows: Any) -> Any:
        """Of the rows of the list those that the decision is about, in the order in which they are done."""

    @abstractmethod
    def group_of(self, row: Any) -> object:
        """Rows of one group influence each other, such as those of a supplier; they are rehearsed together."""

    @abstractmethod
    def act(self, row: Any) -> Outcome:
        """Check that the row is clean, and make the one service call about it. Raises one of `refusals`."""

    @abstractmethod
    def message(self, done: Sequence[Outcome]) -> str:
        """What was done, as a sentence."""

    def rehearsal(self) -> AbstractContextManager[Any]:
        """Within it rows are done to be rolled back."""
        return nullcontext()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """POSTs to the page follow each other, as those of every decision; but each row commits by itself."""
        if request.method != "POST":
            return StaffView.dispatch(self, request, *args, **kwargs)
        with _alone(request.path):
            response = StaffView.dispatch(self, request, *args, **kwargs)
            return response.render() if hasattr(response, "render") else response

    def load(self) -> None:
        """The rows of the list with the filters of the address. Raises Http404 for filters that it does not know."""
        self.query = filters_of(self.request.GET)
        self.request.GET = QueryDict(self.query)
        try:
            listed = self.model_admin.get_changelist_instance(self.request).queryset
        except IncorrectLookupParameters as error:
            raise Http404 from error
        found = list(self.candidates(listed)[: MOST_AT_ONCE + 1])
        self.rows, self.has_more = found[:MOST_AT_ONCE], len(found) > MOST_AT_ONCE

    @cached_property
    def outcomes(self) -> Sequence[Outcome]:
        """What would come of each row."""
        found = {}
        for _, rows in groupby(sorted(self.rows, key=lambda row: str(self.group_of(row))), key=self.group_of):
            with transaction.atomic():
                found.update({row.pk: self._rehearse(row) for row in rows})
                transaction.set_rollback(True)
        return [found[row.pk] for row in self.rows]

    def tables(self) -> Sequence[Table]:
        clean = [one for one in self.outcomes if not one.refusal and not one.waiting]
        waiting = [one for one in self.outcomes if one.waiting and not one.refusal]
        refused = [one for one in self.outcomes if one.refusal]
        name = capfirst(str(self.model_admin.opts.verbose_name))
        rows: list[Sequence[object]] = [(link(one.row), *one.cells) for one in clean]
        tables = [Table(self.done_caption, (name, *self.columns), rows, gettext("None of them is clean."))]
        if waiting:
            rows = [(link(one.row), *one.cells, one.waiting) for one in waiting]
            tables.append(Table(self.waiting_caption, (name, *self.columns, gettext("Why")), rows))
        if refused:
            rows = [(self.shown(one.row), one.refusal) for one in refused]
            tables.append(Table(self.refused_caption, (name, gettext("Why")), rows))
        return tables

    def shown(self, row: Any) -> object:
        """How a row that is not done is named."""
        return str(row)

    def get_notes(self) -> Sequence[Text]:
        cut = gettext("These are the first %(most_at_once)s. Open the page again for the others.") % {
            "most_at_once": MOST_AT_ONCE
        }
        return [*self.notes, *([cut] if self.has_more else [])]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        has_none = all(one.refusal for one in self.outcomes)
        return {**super().get_context_data(**kwargs), "is_impossible": has_none}

    def perform(self, form: Any) -> str:
        """Not called: each row is performed by itself."""
        raise NotImplementedError

    def execute(self, form: Any) -> HttpResponse:
        """Do what the page showed as possible. What fails now is named; the others are done all the same."""
        wanted = [one.row for one in self.outcomes if not one.refusal]
        found = []
        for row in wanted:
            with transaction.atomic():
                found.append(self._attempt(row))
        done = [one for one in found if not one.refusal and not one.waiting]
        if done:
            messages.success(self.request, self.message(done))
        for one in found:
            if one.refusal or one.waiting:
                level = messages.WARNING if one.refusal else messages.INFO
                messages.add_message(self.request, level, f"{self.shown(one.row)}: {one.refusal or one.waiting}")
        return HttpResponseRedirect(self.get_success_url())

    def get_success_url(self) -> str:
        opts = self.model_admin.opts
        query = f"?{self.query}" if self.query else ""
        return f"{reverse(f'admin:{opts.app_label}_{opts.model_name}_changelist')}{query}"

    def _rehearse(self, row: Any) -> Outcome:
        """As `_attempt`. A row that waits for somebody else is taken back at once: the next ones do not count it."""
        with self.rehearsal(), transaction.atomic():
            outcome = self._attempt(row)
            transaction.set_rollback(bool(outcome.waiting))
        return outcome

    def _attempt(self, row: Any) -> Outcome:
        try:
            with transaction.atomic():
                return self.act(row)
        except TransitionNotAllowed:
            return Outcome(row, refusal=NO_LONGER_POSSIBLE)
        except tuple(self.refusals) as refusal:
            return Outcome(row, refusal=str(refusal))


class ManyRowsAdmin(DecisionAdmin):
    """Rows with a button above their list for each of `many_rows`."""

    many_rows: Sequence[type[ManyRowsDecision]] = ()

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"{decision.name}/",
                self.admin_site.admin_view(decision.as_view(model_admin=self)),
                name=f"{self._prefix}_{decision.name}",
            )
            for decision in self.many_rows
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        query = filters_of(request.GET)
        buttons = [
            {
                "label": decision.label,
                "url": f"{reverse(f'admin:{self._prefix}_{decision.name}')}{'?' if query else ''}{query}",
            }
            for decision in self.many_rows
            if request.user.has_perm(decision.permission)
        ]
        return super().changelist_view(request, {"many_rows": buttons, **(extra_context or {})})


@contextmanager
def _alone(address: str) -> Iterator[None]:
    """Wait until no other request works at `address`. A lock of the session: the rows commit one by one within it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 1))", [address])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 1))", [address])
