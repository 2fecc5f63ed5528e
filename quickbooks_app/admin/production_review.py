"""Staff's checklist of Intuit's production review, and the page on which a person confirms a line."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from infactor.core.admin.decisions import DecisionView, StaffView
from infactor.core.admin.tables import Facts
from infactor.suppliers.access import signed_in_user
from quickbooks_app.models import Integration
from quickbooks_app.production_review import checklist
from quickbooks_app.production_review.lines import BY_KEY, Line
from quickbooks_app.production_review.outcomes import State

PAGE = "admin:quickbooks_app_review"
ANSWER_PERMISSION = "quickbooks_app.manage_integration"


class ReviewView(StaffView, TemplateView):
    """Each line of the review with what was found, and what to do."""

    template_name = "admin/quickbooks_app/review.html"
    permission = "quickbooks_app.view_integration"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lines = checklist.checklist()
        sections: dict[str, list[checklist.CheckedLine]] = {}
        for one in lines:
            sections.setdefault(one.line.section, []).append(one)
        return {
            **admin.site.each_context(self.request),
            **super().get_context_data(**kwargs),
            "opts": Integration._meta,
            "title": _("Intuit's production review"),
            "sections": sections.items(),
            "counts": [(state.value, sum(one.state is state for one in lines)) for state in State],
            "may_answer": self.request.user.has_perm(ANSWER_PERMISSION),
        }


class AnswerForm(forms.Form):
    """Whether a line is met, with a note for whoever asks later."""

    is_met = forms.ChoiceField(
        label=gettext_lazy("Is it met?"),
        choices=[("", gettext_lazy("Choose…")), ("yes", gettext_lazy("Yes")), ("no", gettext_lazy("Not yet"))],
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Who has looked, at what. No secrets."),
    )


class AnswerView(DecisionView):
    """Confirm a line that no code can check. Who and when are stored with it."""

    title = gettext_lazy("Confirm a line of the review")
    button = gettext_lazy("Save")
    permission = ANSWER_PERMISSION
    needs_fresh_factor = True
    form_class = AnswerForm
    refusals = (checklist.NotAPersonsLine,)
    back_label = gettext_lazy("Intuit's production review")
    line: Line

    def load(self) -> None:
        try:
            self.line = BY_KEY[self.kwargs["line"]]
        except KeyError:
            raise Http404 from None

    def get_success_url(self) -> str:
        return reverse(PAGE)

    def facts(self) -> Facts:
        return [
            (_("Section"), self.line.section),
            (_("Line"), self.line.title),
            (_("What to do"), self.line.check().text),
        ]

    def perform(self, form: Any) -> str:
        checklist.answer(
            key=self.line.key,
            is_met=form.cleaned_data["is_met"] == "yes",
            note=form.cleaned_data["note"],
            by=signed_in_user(self.request),
            at=timezone.now(),
        )
        return _("“%(title)s” is saved.") % {"title": self.line.title}
