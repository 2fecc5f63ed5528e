"""The sign-in form: allauth's, with labels that say once what they are for."""

from typing import Any

from allauth.account import forms as allauth_forms
from django.utils.translation import gettext as _


class SignInForm(allauth_forms.LoginForm):  # type: ignore[misc]
    """No text stands in the fields, and the way to a new password stands after the button, not between the fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        self.fields["password"].help_text = ""
        if "remember" in self.fields:
            self.fields["remember"].label = _("Keep me signed in")
