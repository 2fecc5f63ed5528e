"""Refuses passwords that are known or easily guessed, by lists on this machine. Nothing leaves it."""

import hashlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from zxcvbn import zxcvbn

# Guesses needed by somebody who knows the usual passwords and their usual variants; zxcvbn calls it score 3.
MIN_GUESSES = 10**8
# zxcvbn takes time with the square of the length. What is longer than this and starts well enough is accepted.
CHECKED_LENGTH = 72
# What is left of a password without the words that everybody would try for this person and site.
MIN_OWN_LENGTH = 6
CONTEXT_WORDS = ("infactor", "factoring", "invoice", "quickbooks", "intuit")
KNOWN = gettext_lazy(
    "This password is known from leaks, or easy to guess. Choose another one: several unrelated words, "
    "or one that a password manager has made."
)


class GuessablePasswordValidator:
    """A validator of AUTH_PASSWORD_VALIDATORS."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise a ValidationError where few guesses find `password`, or little of it is its own."""
        words = [*CONTEXT_WORDS, *_words_about(user)]
        found = zxcvbn(password[:CHECKED_LENGTH], user_inputs=words)
        if found["guesses"] < MIN_GUESSES or len(_without(words, password)) < MIN_OWN_LENGTH:
            raise ValidationError(KNOWN, code="password_guessable")

    def get_help_text(self) -> str:
        return _("Your password must not be one that is known or easy to guess.")


class LeakedPasswordValidator:
    """A validator of AUTH_PASSWORD_VALIDATORS: refuses what LEAKED_PASSWORDS_FILE lists, if there is one."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise a ValidationError where the file has the SHA-1 sum of `password`."""
        if not settings.LEAKED_PASSWORDS_FILE:
            return
        wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
        with open(settings.LEAKED_PASSWORDS_FILE, "rb") as file:
            if _is_listed(file, wanted):
                raise ValidationError(KNOWN, code="password_leaked")

    def get_help_text(self) -> str:
        return _("Your password must not be one that has leaked anywhere.")


def _is_listed(file: BinaryIO, wanted: bytes) -> bool:
    """Whether a line of the sorted `file` begins with `wanted`: a search by halves, so its size hardly matters."""
    low, high = 0, file.seek(0, 2)
    while low < high:
        middle = (low + high) // 2
        file.seek(max(middle - 1, 0))
        if middle:
            file.readline()  # the rest of the line before
        line = file.readline()
        if line and line[: len(wanted)].upper() < wanted:
            low = file.tell()
        else:
            high = middle
    file.seek(low)
    return file.readline()[: len(wanted)].upper() == wanted


def _without(words: list[str], password: str) -> str:
    rest = password.lower()
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word.lower(), "")
    return rest


def _words_about(user: Any) -> Iterator[str]:
    """The address and the name of `user`, and their parts."""
    for value in (getattr(user, "email", ""), getattr(user, "name", "")):
        if value:
            yield value
            yield from (part for part in value.replace("@", " ").replace(".", " ").split() if len(part) > 2)
