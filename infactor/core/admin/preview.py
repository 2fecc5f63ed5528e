"""Decisions with a preview: staff fill in a form, see its effect, and confirm exactly that, on one page.

The preview does the act itself and rolls it back. So it refuses whatever the act would refuse, in the same words, and
no check has to be written twice.
"""

import copy
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django import forms
from django.db import transaction
from django.forms import BoundField
from django.forms.forms import BaseForm
from django.forms.formsets import BaseFormSet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from infactor.core.admin.decisions import CHANGED, PREVIEW_TOKEN, DecisionView, token
from infactor.core.admin.tables import Facts, Table
from infactor.core.transitions import TransitionNotAllowed
from infactor.core.translatable import Text

PREVIEW, CONFIRM = "preview", "confirm"
NOT_TYPED = frozenset({"csrfmiddlewaretoken", PREVIEW_TOKEN, PREVIEW, CONFIRM})
INVALID = _("Correct the fields that are marked below.")


@dataclass(frozen=True)
class Fieldset:
    """Some fields of a form under a legend; all of them where none are named.

    A folded one shows its legend alone until somebody opens it or has filled it in.
    """

    legend: Text
    form: BaseForm
    names: Sequence[str] = ()
    is_folded: bool = False

    @property
    def fields(self) -> list[BoundField]:
        visible = self.form.visible_fields()
        return [one for one in visible if one.name in self.names] if self.names else visible

    @property
    def hidden(self) -> list[BoundField]:
        hidden = self.form.hidden_fields()
        return [one for one in hidden if one.name in self.names] if self.names else hidden


@dataclass(frozen=True)
class Preview:
    """What the decision would do. `effects` is what it wrote when it was rehearsed; keys of new rows differ each time,
    so of it only `effects_digest` counts where figures are compared.
    """

    facts: Facts = ()
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
    effects: Sequence[Table] = ()
    effects_digest: Sequence[str] = ()


class PreviewView(DecisionView):
    """A decision whose effect depends on what is typed: the first POST shows the preview, the second confirms it.

    Exactly what was previewed is done: when the form or the figures have changed since, a new preview is shown.
    A page may add a formset to its form: `formset_class`, or `get_formset`.
    """

    template_name = "admin/preview.html"
    legend: Text = ""  # of the form, where `get_fieldsets` is not overridden
    formset_class: type[BaseFormSet] | None = None
    previewed: Preview | None = None

    @abstractmethod
    def preview(self, form: Any) -> Preview:
        """What the valid `form` would do. Raises one of `refusals` where it is not possible.

        What only the act itself can tell need not be checked here: it is rehearsed afterwards.
        """

    def summary(self) -> Facts:
        """The figures beside the button before anything was previewed."""
        return ()

    def get_formset(self) -> BaseFormSet | None:
        if self.formset_class is None:
            return None
        if self.request.method == "POST":
            return self.formset_class(self.request.POST)  # without initial: what was filled in counts as typed
        return self.formset_class(initial=self.get_formset_initial())

    def get_formset_initial(self) -> Sequence[dict[str, object]]:
        return ()

    @cached_property
    def formset(self) -> Any:
        """The formset beside the form; None where there is none."""
        return self.get_formset()

    def get_fieldsets(self, form: Any) -> Sequence[Fieldset]:
        """The fields of the form and of the formset, under their legends."""
        return [Fieldset(self.legend, form)]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.get_form()
        # Both are validated, so that every mistake is shown at once.
        if False in [form.is_valid(), self.formset is None or self.formset.is_valid()]:
            return self._show(form, errors=[str(INVALID)])
        return self.form_valid(form)

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            self.previewed = self._rehearse(self.preview(form))
        except TransitionNotAllowed:
            return self._show(form, errors=[self.changed_meanwhile()])
        except tuple(self.refusals) as refusal:
            return self._show(form, errors=[str(refusal)])
        if CONFIRM not in self.request.POST:
            return self._show(form)
        if self.request.POST.get(PREVIEW_TOKEN) != self._token(self.previewed):
            return self._show(form, errors=[str(CHANGED)])
        return self.execute(form)

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """Within it the decision is performed to be rolled back."""
        yield

    def effects(self) -> tuple[Sequence[Table], Sequence[str]]:
        """What the rehearsed decision wrote, as tables, and the part of it that is the same each time."""
        return (), ()

    def _rehearse(self, preview: Preview) -> Preview:
        """Perform the decision as if it was confirmed, roll it back, and return `preview` with its effects.

        It gets a form and rows of its own: what the act changes in memory must not outlive it.
        """
        actor = copy.copy(self)
        for name in [name for name in vars(actor) if isinstance(getattr(type(self), name, None), cached_property)]:
            del actor.__dict__[name]
        actor.load()
        form = actor.get_form()
        with transaction.atomic(), actor.rehearsal():
            if form.is_valid() and (actor.formset is None or actor.formset.is_valid()):
                actor.perform(form)
            tables, digest = actor.effects()
            transaction.set_rollback(True)
        return replace(preview, effects=tables, effects_digest=digest)

    def form_invalid(self, form: Any) -> HttpResponse:
        return self._show(form)

    def _show(self, form: Any, *, errors: Sequence[str] = ()) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form, errors=errors))

    def _token(self, preview: Preview) -> str:
        """The token of what was typed together with what the preview shows."""
        post = self.request.POST
        typed = [f"{name}\x1f{value}" for name in sorted(post.keys() - NOT_TYPED) for value in post.getlist(name)]
        return token(facts=preview.facts, tables=preview.tables, extra=[*typed, *preview.effects_digest])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        fieldsets = self.get_fieldsets(context["form"])
        shown = {id(one): one for one in (context["form"], *(fieldset.form for fieldset in fieldsets))}.values()
        errors = [*kwargs.get("errors", ()), *(str(error) for form in shown for error in form.non_field_errors())]
        return {
            **context,
            "fieldsets": fieldsets,
            "management": [] if self.formset is None else [self.formset.management_form],
            "media": sum((form.media for form in shown), forms.Media()),
            "errors": dict.fromkeys(errors),
            "preview": self.previewed,
            "summary": self.previewed.facts if self.previewed else self.summary(),
            "preview_token": "" if self.previewed is None else self._token(self.previewed),
        }
