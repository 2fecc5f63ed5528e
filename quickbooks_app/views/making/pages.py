"""What the pages of making share: enter, look at exactly what QuickBooks gets, confirm once.

The page of step two holds what was entered in hidden fields, and a digest of what it showed. Where the confirmed
content is another, it is shown once more.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from infactor.core.translatable import Text
from infactor.suppliers.access import require_member, signed_in_user
from infactor.suppliers.models import Supplier
from quickbooks_app import tasks
from quickbooks_app.errors import QuickBooksError
from quickbooks_app.making import choices as company_choices
from quickbooks_app.making import made
from quickbooks_app.making.choices import CannotMake, Choices
from quickbooks_app.making.made import Refused
from quickbooks_app.models import Connection, Push
from quickbooks_app.pushes.requests import CannotPush

CHANGED_SINCE = _("Something has changed since you looked. Please look once more.")
OWN_INPUTS = frozenset({"csrfmiddlewaretoken", "step", "digest"})
FIELD_COLUMNS = [{"label": _("Field in QuickBooks")}, {"label": _("Value")}]
LINE_COLUMNS = [
    {"label": _("Item")},
    {"label": _("Quantity"), "numeric": True},
    {"label": _("Price"), "numeric": True},
    {"label": _("Tax")},
    {"label": _("Amount"), "numeric": True},
]


def get_connection(supplier: Supplier, public_id: uuid.UUID) -> Connection:
    """The supplier's connection. Raises Http404 for any other."""
    found = Connection.objects.filter(supplier=supplier, public_id=public_id)
    connection = found.select_related("company_file", "supplier", "integration").first()
    if connection is None:
        raise Http404
    return connection


def open_company(
    request: HttpRequest, supplier: Supplier, public_id: uuid.UUID, *, title: Text
) -> tuple[Connection, Choices] | HttpResponse:
    """The company and its choices, for an owner; a page that says how, where nothing can be made in it now."""
    connection = get_connection(supplier, public_id)
    require_member(by=signed_in_user(request), supplier=supplier, owner=True)
    context = {"supplier": supplier, "connection": connection, "title": title}
    if reason := made.blocker(connection):
        return render(request, "quickbooks/making/closed.html", {**context, "reason": reason})
    if request.POST.get("step") == "lists":
        company_choices.forget(connection)
    try:
        return connection, company_choices.load(connection=connection, now=timezone.now)
    except (CannotMake, QuickBooksError) as error:
        return render(request, "quickbooks/making/closed.html", {**context, "reason": str(error)})


class MakingPage:
    """One kind of thing that a supplier makes or changes. A subclass says what is asked for and what is sent."""

    entity = ""
    title: Text = ""
    lead: Text = ""
    button = _("Write to QuickBooks")
    lines: forms.BaseFormSet | None = None
    version = ""  # of what is changed, in QuickBooks

    def __init__(self, request: HttpRequest, supplier: Supplier, connection: Connection, choices: Choices) -> None:
        self.request, self.supplier = request, supplier
        self.connection, self.choices = connection, choices
        self.today = timezone.localdate(timezone=supplier.zone)
        self.form = forms.Form()

    def bind(self, data: QueryDict | None, *, initial: QueryDict | None = None) -> None:
        """Make the forms, of what was posted, or with it as first values, so that nothing is refused yet."""
        raise NotImplementedError

    def fields(self) -> Mapping[str, Any]:
        """What QuickBooks gets."""
        raise NotImplementedError

    def check(self) -> Iterator[tuple[str, str]]:
        """What is wrong with it: (field of the form, sentence)."""
        raise NotImplementedError

    def facts(self) -> Sequence[tuple[Text, str]]:
        """What it is, for the preview."""
        raise NotImplementedError

    def preview_lines(self) -> Sequence[Mapping[str, Any]]:
        """Its lines, for the preview."""
        return ()

    def perform(self) -> Push:
        """Put it on the list of a worker. Raises Refused, CannotMake, CannotPush."""
        return made.make(
            connection=self.connection,
            entity=self.entity,
            fields=self.fields(),
            check=self.check,
            by=signed_in_user(self.request),
            at=timezone.now(),
        )

    def respond(self) -> HttpResponse:
        """The page for this step, or a redirect to what was made."""
        step = self.request.POST.get("step", "") if self.request.method == "POST" else ""
        if step not in ("preview", "confirm"):
            self.bind(None, initial=self.request.POST if step else None)
            return self._render()
        self.bind(self.request.POST)
        if not self._is_valid():
            return self._render()
        if step == "confirm" and self.request.POST.get("digest") == self._digest():
            return self._perform()
        if found := list(self.check()):
            return self._refuse(found)
        return self._render(is_preview=True, notice=str(CHANGED_SINCE) if step == "confirm" else "")

    def _is_valid(self) -> bool:
        return self.form.is_valid() and (self.lines is None or self.lines.is_valid())

    def _perform(self) -> HttpResponse:
        try:
            push = self.perform()
        except Refused as error:
            return self._refuse(error.found)
        except (CannotMake, CannotPush) as error:
            return self._refuse([("", str(error))])
        transaction.on_commit(lambda: tasks.enqueue_push(push.pk))
        return HttpResponseRedirect(reverse("quickbooks:made_one", args=[self.connection.public_id, push.public_id]))

    def _refuse(self, found: Sequence[tuple[str, str]]) -> HttpResponse:
        for field, sentence in found:
            self.form.add_error(field if field in self.form.fields else None, sentence)
        return self._render()

    def _digest(self) -> str:
        return made.digest_of(entity=self.entity, fields=self.fields())

    def _render(self, *, is_preview: bool = False, notice: str = "") -> HttpResponse:
        context: dict[str, Any] = {
            "supplier": self.supplier,
            "connection": self.connection,
            "choices": self.choices,
            "title": self.title,
            "lead": self.lead,
            "button": self.button,
            "form": self.form,
            "lines": self.lines,
            "notice": notice,
            "version": self.version,
        }
        template = "quickbooks/making/form.html"
        if is_preview:
            template = "quickbooks/making/preview.html"
            context |= {
                "facts": self.facts(),
                "preview_lines": self.preview_lines(),
                "line_columns": LINE_COLUMNS,
                "field_rows": list(flattened(self.fields())),
                "field_columns": FIELD_COLUMNS,
                "kept": list(_kept(self.request.POST)),
                "digest": self._digest(),
            }
        with timezone.override(self.supplier.zone):
            return render(self.request, template, context)


def flattened(fields: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """(path, value) of all that is sent; entries of lists are numbered from 1, as people count lines."""
    if isinstance(fields, Mapping) and fields:
        for name, value in fields.items():
            yield from flattened(value, f"{path}.{name}" if path else name)
    elif isinstance(fields, list):
        for number, value in enumerate(fields, start=1):
            yield from flattened(value, f"{path}.{number}")
    elif path:
        yield path, str(fields) if fields not in ("", {}) else "emptied"


def _kept(data: QueryDict) -> Iterator[tuple[str, str]]:
    for name, values in data.lists():
        if name not in OWN_INPUTS:
            yield from ((name, str(value)) for value in values)
