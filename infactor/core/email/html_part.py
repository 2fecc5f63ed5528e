"""The HTML part of a mail: its text in one layout, with the styles inlined. No image, no font, no request."""

import functools

import css_inline
from django.template.loader import render_to_string

from infactor.core.email.blocks import blocks_of


def html_of(*, subject: str, text: str) -> str:
    """The HTML that says what `text` says. Everything in it is escaped."""
    page = render_to_string("email/mail.html", {"subject": subject, "blocks": blocks_of(text)})
    return str(_inliner().inline(page))


@functools.cache
def _inliner() -> css_inline.CSSInliner:
    # Mail programs drop style sheets but those for dark mode, which no attribute can hold: at-rules stay.
    return css_inline.CSSInliner(
        extra_css=render_to_string("email/mail.css"), keep_at_rules=True, load_remote_stylesheets=False
    )
