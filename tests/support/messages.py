"""`make messages`: collects the texts of code, templates and models into the catalogues of infactor/locale, compiled.

Babel does it, so a machine needs no gettext programs. New texts are added without a translation, those that are gone
are removed, the others stay as they are. A test fails while a catalogue lacks a text, a translation or a placeholder.
"""

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.contrib import admin
from django.utils import translation
from django.utils.translation.template import templatize

from infactor.core.model_names import OWN

ROOT = Path(__file__).resolve().parents[2]
PYTHON, TEMPLATES = ("infactor", "quickbooks_app"), ("templates",)
# The sandbox plays QuickBooks, which speaks English here.
LEFT_OUT = ("quickbooks_app/sandbox/", "/migrations/")
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)  # a compiled catalogue changes with its texts only
Key = tuple[str, str]  # context and text


def extracted() -> Catalog:
    """Every text of code, templates and models, with the files that have it."""
    found = Catalog(charset="utf-8")
    for file in _sources():
        source = file.read_text()
        if file.suffix != ".py":
            source = _as_code(source, origin=file)
        place = str(file.relative_to(ROOT))
        for _, message, comments, context in extract(
            "python", io.BytesIO(source.encode()), keywords=KEYWORDS, comment_tags=["Translators:"]
        ):
            found.add(message, locations=[(place, 0)], auto_comments=comments, context=context)
    for name, module in model_names():
        found.add(name, locations=[(f"{module.replace('.', '/')}.py", 0)])
    return found


def model_names() -> Iterator[tuple[str, str]]:
    """The English names of each model of which staff have a page, and of its columns, with the module of the model."""
    with translation.override(None):
        for model in admin.site._registry:
            if model.__module__.startswith(OWN):
                options = model._meta
                columns = [one.verbose_name for one in (*options.fields, *options.many_to_many)]
                for name in (options.verbose_name, options.verbose_name_plural, *columns):
                    yield str(name), model.__module__


def languages() -> list[str]:
    """The languages that have a catalogue: every one but that of the source."""
    return [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def path_of(language: str, suffix: str = ".po") -> Path:
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / f"django{suffix}"


def catalogue(language: str) -> Catalog:
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language, charset="utf-8")


def updated(language: str) -> Catalog:
    """The catalogue of `language` with exactly the texts of the sources, sorted by text, so that branches merge."""
    before = {key_of(one): one for one in catalogue(language) if one.id}
    fresh = Catalog(locale=language, charset="utf-8", header_comment=f"# The texts of infactor in {language}.")
    for one in extracted():
        if not one.id:
            continue
        known = before.get(key_of(one))
        is_same = known is not None and known.pluralizable == one.pluralizable
        translated = known.string if known is not None and is_same else None
        fresh.add(
            one.id,
            translated,
            locations=one.locations,
            auto_comments=one.auto_comments,
            user_comments=known.user_comments if known is not None else (),
            context=one.context,
        )
    return fresh


def as_po(language: str, content: Catalog) -> bytes:
    """The text of a catalogue, without dates and line numbers: only what was translated changes it."""
    text = io.BytesIO()
    write_po(text, content, width=120, omit_header=True, sort_output=True, include_lineno=False)
    head = (
        f'# The texts of infactor in {language}: `make messages` writes this file.\nmsgid ""\nmsgstr ""\n'
        f'"Language: {language}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: {content.plural_forms}\\n"\n\n'
    )
    return head.encode() + text.getvalue()


def as_mo(po: bytes, language: str) -> bytes:
    """The compiled form of a catalogue."""
    compiled = io.BytesIO()
    content = read_po(io.BytesIO(po), locale=language, charset="utf-8")
    content.creation_date = content.revision_date = NO_DATE
    write_mo(compiled, content)
    return compiled.getvalue()


def key_of(message: Any) -> Key:
    text = message.id[0] if message.pluralizable else message.id
    return message.context or "", text


def write() -> None:
    for language in languages():
        content = updated(language)
        po = as_po(language, content)
        path_of(language).parent.mkdir(parents=True, exist_ok=True)
        path_of(language).write_bytes(po)
        path_of(language, ".mo").write_bytes(as_mo(po, language))
        missing = sum(1 for one in content if one.id and not is_translated(one))
        sys.stdout.write(f"{language}: {len(content)} texts, {missing} without a translation\n")


def is_translated(message: Any) -> bool:
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(strings)


def _sources() -> Iterator[Path]:
    for folders, suffixes in ((PYTHON, (".py",)), (TEMPLATES, (".html", ".txt"))):
        for folder in folders:
            for file in sorted((ROOT / folder).rglob("*")):
                place = str(file.relative_to(ROOT))
                if file.suffix in suffixes and not any(one in place for one in LEFT_OUT):
                    yield file


def _as_code(template: str, *, origin: Path) -> str:
    """The texts of a template as calls, one a line, which the extractor of Python code reads."""
    code = templatize(template, origin=str(origin))
    return "\n".join(line.strip() for line in code.splitlines())


if __name__ == "__main__":
    django.setup()
    write()
