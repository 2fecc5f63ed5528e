"""Sentences that are stored in English, in the language of who reads them.

What a worker writes for a supplier, such as why a sync failed, has no reader yet. It is stored in English: marked with
`gettext_noop` where it is written, and translated where it is shown. A sentence with values in it is registered as its
pattern.
"""

import re
from collections.abc import Mapping

from django.utils.translation import get_language, gettext

PLACEHOLDER = re.compile(r"%\((\w+)\)s|\{(\w+)(?::[^}]*)?\}")
_patterns: dict[str, re.Pattern[str]] = {}


def register(*texts: str) -> None:
    """Recognise stored sentences of these patterns, whose placeholders are like %(name)s or {name}."""
    for text in texts:
        _patterns.setdefault(text, _pattern_of(text))


def shown(text: str) -> str:
    """`text` in the active language; as it is where its pattern is unknown, or what a person wrote."""
    if not text or (get_language() or "en").startswith("en"):
        return text
    translated = gettext(text)
    if translated != text:
        return translated
    for known, pattern in _patterns.items():
        if (match := pattern.fullmatch(text)) is not None:
            return _filled(gettext(known), {name: shown(value) for name, value in match.groupdict().items()})
    return text


def _filled(text: str, values: Mapping[str, str]) -> str:
    return PLACEHOLDER.sub(lambda found: values[found[1] or found[2]], text)


def _pattern_of(text: str) -> re.Pattern[str]:
    parts, end, seen = [], 0, set()
    for found in PLACEHOLDER.finditer(text):
        name = found[1] or found[2]
        parts.append(re.escape(text[end : found.start()]))
        parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>.+?)")
        seen.add(name)
        end = found.end()
    return re.compile("".join([*parts, re.escape(text[end:])]), re.DOTALL)
