"""Search text is normalized to match what people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infactor.invoices.search_text import normalize


@pytest.mark.parametrize(
    ("written", "searched"),
    [
        ("Café", "cafe"),
        ("CAFE\N{COMBINING ACUTE ACCENT}", "cafe"),
        ("Müller & Söhne", "muller & sohne"),
        ("Straße", "strasse"),
        ("Cafe\N{RIGHT-TO-LEFT MARK}", "cafe"),
        ("In\N{ZERO WIDTH SPACE}v-1", "inv-1"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}1001", "1001"),
        ("ﬁ №1", "fi no1"),
        ("A\N{NO-BREAK SPACE}B", "a b"),
        ("A\tB", "a b"),
        ("İstanbul", "istanbul"),
    ],
)
def test_what_looks_alike_is_found_alike(written: str, searched: str) -> None:
    assert normalize(written) == searched


@given(st.text(max_size=50))
def test_folded_text_stays_as_it_is_when_folded_again(text: str) -> None:
    assert normalize(normalize(text)) == normalize(text)


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=50))
def test_capitals_make_no_difference(text: str) -> None:
    assert normalize(text.upper()) == normalize(text.lower())
