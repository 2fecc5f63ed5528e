"""Every catalogue is complete, compiled, and says the same with the same placeholders."""

import re

import pytest

from tests.support import messages

PLACEHOLDER = re.compile(r"%\([a-z_]+\)s|\{[a-z_]+\}")


@pytest.mark.parametrize("language", messages.languages())
def test_a_catalogue_has_every_text_and_is_compiled(language: str) -> None:
    po = messages.as_po(language, messages.updated(language))
    assert messages.path_of(language).read_bytes() == po, "run `make messages`"
    assert messages.path_of(language, ".mo").read_bytes() == messages.as_mo(po, language), "run `make messages`"


@pytest.mark.parametrize("language", messages.languages())
def test_every_text_is_translated(language: str) -> None:
    catalogue = messages.catalogue(language)
    lacking = [one.id for one in catalogue if one.id and (one.fuzzy or not messages.is_translated(one))]
    assert lacking == []
    assert [(one.id, error) for one in catalogue for error in one.check(catalogue)] == []


@pytest.mark.parametrize("language", messages.languages())
def test_a_translation_has_the_placeholders_of_its_text(language: str) -> None:
    wrong = []
    for one in messages.catalogue(language):
        texts = one.id if isinstance(one.id, tuple) else (one.id,)
        strings = one.string if isinstance(one.string, tuple) else (one.string,)
        # A singular may say "one" instead of its number.
        allowed = {name for text in texts for name in PLACEHOLDER.findall(text)}
        for place, string in enumerate(strings):
            needed = set(PLACEHOLDER.findall(texts[min(place, len(texts) - 1)]))
            used = set(PLACEHOLDER.findall(string))
            if one.id and (used - allowed or needed - used):
                wrong.append(one.id)
    assert wrong == []


def test_no_text_mixes_two_spellings() -> None:
    texts = [text for one in messages.catalogue("es") for text in (one.id if isinstance(one.id, tuple) else (one.id,))]
    assert [text for text in texts if re.search(r"\b(e\Wmail|log-in|sign-on|cheque)", text, re.IGNORECASE)] == []
