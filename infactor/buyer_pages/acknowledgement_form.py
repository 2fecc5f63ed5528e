"""The form on which a buyer acknowledges a notice of assignment."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from infactor.financing.notices.acknowledgements import MAX_NAME_LENGTH


class AcknowledgementForm(forms.Form):
    """Asks who acknowledges the notice."""

    name = forms.CharField(
        max_length=MAX_NAME_LENGTH,
        label=_("Your name"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Enter the name of the person who acknowledges it.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", "auto_id": "acknowledge_%s", **kwargs})
