"""allauth's adapter for second factors: their secrets are encrypted at rest, and passkeys carry infactor's name."""

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from infactor.core import keys, second_factor

NAME = "infactor"


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Encrypts the keys of authenticator apps, and recovery codes until they are shown, with FIELD_ENCRYPTION_KEYS."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right, or was used before. Enter the code that the app shows now."),
        "unverified_email": _("Confirm your email address first, with the link that we sent you."),
    }

    def encrypt(self, text: str) -> str:
        return keys.encrypt(text, place=second_factor.PLACE)

    def decrypt(self, encrypted_text: str) -> str:
        return keys.decrypt(encrypted_text, place=second_factor.PLACE)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": context.request.get_host().partition(":")[0], "name": NAME}

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return gettext("Passkey %(count)s") % {"count": count + 1}
