"""The languages of infactor. A text is in the language of who reads it, never of who or what caused it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils import translation


def default() -> str:
    """The language of everybody whose own is not known: buyers who are written to, workers, commands."""
    return str(settings.LANGUAGE_CODE)


def current() -> str:
    """The active language, always one of LANGUAGES."""
    code = translation.get_language() or default()
    return code if is_known(code) else default()


def is_known(code: str) -> bool:
    """Whether `code` is one of LANGUAGES."""
    return code in dict(settings.LANGUAGES)


@contextmanager
def writing_in(code: str) -> Iterator[None]:
    """What is rendered inside is in the language `code`; in the default one if it is empty or unknown."""
    with translation.override(code if is_known(code) else default()):
        yield
