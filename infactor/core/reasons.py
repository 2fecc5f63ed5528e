"""The reason that staff must give for a decision."""

from django.utils.translation import gettext as _

MIN_LENGTH = 5


class ReasonMissing(ValueError):
    """A decision was made without a reason."""


def require_reason(reason: str) -> str:
    """`reason` in one line. Raises ReasonMissing if it has fewer than MIN_LENGTH characters."""
    text = " ".join(reason.split())
    if len(text) < MIN_LENGTH:
        raise ReasonMissing(_("Give a reason in a sentence that others will understand later."))
    return text
