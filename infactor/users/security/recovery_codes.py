"""Recovery codes that are stored as hashes and shown once. allauth keeps a seed from which all of them can be made.

A code has 120 random bits, so a plain hash keeps it: nobody can guess it from that.
"""

import secrets
import time
from typing import Any

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal import auth, flows
from allauth.mfa.utils import decrypt, encrypt
from django.db import transaction

from infactor.core.keys import digest_of_random

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without 0, o, 1, i, l, which people mix up
GROUPS, GROUP = 5, 5  # 25 signs: 123 bits
SEPARATOR = "-"
SHOWN_LATER = "shown_later"  # the codes, encrypted, from when they are made until they are shown


class HashedRecoveryCodes(auth.RecoveryCodes):  # type: ignore[misc]
    """Takes the place of allauth's class: its pages and forms use this one."""

    instance: Authenticator

    def __init__(self, instance: Authenticator) -> None:
        super().__init__(instance)
        self._shown: list[str] = []

    @classmethod
    def activate(cls, user: Any) -> "HashedRecoveryCodes":
        """The codes of `user`; new ones if there are none."""
        known = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.RECOVERY_CODES).first()
        if known is not None:
            return cls(known)
        codes = [_new_code() for _ in range(app_settings.RECOVERY_CODE_COUNT)]
        data = {"hashes": [_hash(code) for code in codes], SHOWN_LATER: encrypt(" ".join(codes))}
        return cls(Authenticator.objects.create(user=user, type=Authenticator.Type.RECOVERY_CODES, data=data))

    def get_unused_codes(self) -> list[str]:
        """The codes that are left if they are shown for the first time, else as many empty texts."""
        if not self._shown and SHOWN_LATER in self.instance.data:
            self._shown = decrypt(self.instance.data[SHOWN_LATER]).split(" ")
        hashes = self.instance.data["hashes"]
        return [code for code in self._shown if _hash(code) in hashes] or [""] * len(hashes)

    def mark_as_viewed(self) -> None:
        """Forget the codes, but for this page, which shows them."""
        self.get_unused_codes()
        self.instance.data = {"hashes": self.instance.data["hashes"], "viewed_at": time.time()}
        self.instance.save(update_fields=["data"])

    @transaction.atomic
    def validate_code(self, code: str) -> bool:
        """Whether `code` is one of those that are left; it works once."""
        self.instance = Authenticator.objects.select_for_update().get(pk=self.instance.pk)
        given = _hash(code)
        if given not in self.instance.data["hashes"]:
            return False
        self.instance.data["hashes"].remove(given)
        self.instance.save(update_fields=["data"])
        return True


def install() -> None:
    """Have allauth make, show and check recovery codes by `HashedRecoveryCodes`. It has no setting for that."""
    auth.RecoveryCodes = flows.RecoveryCodes = HashedRecoveryCodes


def _new_code() -> str:
    signs = "".join(secrets.choice(ALPHABET) for _ in range(GROUPS * GROUP))
    return SEPARATOR.join(signs[at : at + GROUP] for at in range(0, len(signs), GROUP))


def _hash(code: str) -> str:
    return digest_of_random("recovery code", normalize_user_code(code))
