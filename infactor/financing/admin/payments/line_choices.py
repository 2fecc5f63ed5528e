"""What a line of a statement may be, to tick: the exact amount first, and a search for what is not listed."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.search_words import SearchWords
from infactor.core.translatable import Text
from infactor.financing.admin.payments.line_decisions import LineDecision

MAX_LISTED = 200
SEARCH = "search"


class ChoicesForm(forms.Form):
    """Asks which of the listed rows the line is. `found` is the search that the list was made by."""

    find = forms.CharField(label=gettext_lazy("Find others"), max_length=100, required=False)
    found = forms.CharField(widget=forms.HiddenInput, max_length=100, required=False, strip=True)


class ChoicesView(LineDecision):
    """Ticks rows of a list that a search narrows. What is ticked stays listed, so that several searches add up.

    A new search is shown first, and decides nothing: also where somebody presses Enter in its field.
    """

    template_name = "admin/choices.html"
    form_class: type[forms.Form] = ChoicesForm
    ticked_field = ""

    @cached_property
    def words(self) -> SearchWords:
        return SearchWords.of(self.request.POST.get("find", ""))

    @cached_property
    def ticked(self) -> Sequence[str]:
        return self.request.POST.getlist(self.ticked_field)

    @cached_property
    def not_listed(self) -> int:
        """How many rows the list has no room for."""
        raise NotImplementedError

    @property
    def is_search(self) -> bool:
        typed = self.request.POST
        return SEARCH in typed or self.words.text != SearchWords.of(typed.get("found", "")).text

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.is_search:
            return self.render_to_response(self.get_context_data())
        return super().post(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        given = super().get_form_kwargs()
        if self.request.method == "POST" and self.is_search:
            del given["data"], given["files"]
            given["initial"] = {self.ticked_field: self.ticked, "find": self.words.text, "found": self.words.text}
        return given

    def get_notes(self) -> Sequence[Text]:
        if not self.not_listed:
            return super().get_notes()
        more = _("%(count)s others are not listed. Find them by their name, number or amount.")
        return [*super().get_notes(), more % {"count": self.not_listed}]
