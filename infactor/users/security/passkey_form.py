"""allauth's form that adds a passkey, in infactor's words; a passkey also replaces the password unless that is off."""

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django.utils.translation import gettext as _


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A name, and whether the passkey signs in by itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = _("So that you can tell your passkeys apart.")
        by_itself = self.fields["passwordless"]
        by_itself.initial = True
        by_itself.label = _("Sign in with it, without a password")
        by_itself.help_text = _("Turn this off for a security key that cannot store passkeys.")
