"""The page on which each of staff chooses their mails."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.tables import Facts
from infactor.desk.admin.base import DeskDecision
from infactor.desk.mails import choices
from infactor.desk.mails.choices import DIGEST
from infactor.desk.models import MailChoice


class MailsForm(forms.Form):
    """Asks which of the mails that the role may get are wanted."""

    def __init__(self, *args: Any, wanted: dict[str, bool], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, is_wanted in wanted.items():
            column = str(MailChoice._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            label = column.capitalize() if name == DIGEST else _("At once: %(column)s") % {"column": column}
            self.fields[name] = forms.BooleanField(label=label, required=False, initial=is_wanted)


class MyMailsView(DeskDecision):
    """Choose one's own mails."""

    title = gettext_lazy("My mails")
    button = gettext_lazy("Save")
    permission = "desk.view_task"
    form_class = MailsForm
    back_label = ""
    notes = (gettext_lazy("The digest comes in the morning, and only if something waits for you."),)

    def blocker(self) -> str:
        if choices.choices_of(self.user).wanted:
            return ""
        return _("Your role works on no queue, so infactor has nothing to mail you.")

    def facts(self) -> Facts:
        return [(_("Sent to"), self.user.email)]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "wanted": choices.choices_of(self.user).wanted}

    def get_success_url(self) -> str:
        return reverse("admin:index")

    def perform(self, form: Any) -> str:
        choices.choose(user=self.user, wanted=form.cleaned_data, at=timezone.now())
        return _("Your choice is saved.")
