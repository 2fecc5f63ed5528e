"""The filter for sentences that are stored in English: {{ run.error|recorded }}."""

from django import template

from infactor.core import recorded_texts

register = template.Library()


@register.filter
def recorded(text: str) -> str:
    """The sentence in the reader's language."""
    return recorded_texts.shown(text)
