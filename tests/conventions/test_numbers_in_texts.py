"""A translated sentence has its numbers as its reader writes them: 1.234,50 in Spanish, not 1,234.50."""

import ast
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import translation

from infactor.core.money import format_number
from tests.support.messages import KEYWORDS, PYTHON, ROOT


def english_numbers(source: str) -> Iterator[int]:
    """The lines where a value of a translated text is written with English separators."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mod) or not isinstance(node.left, ast.Call):
            continue
        if getattr(node.left.func, "id", "") not in KEYWORDS:
            continue
        for inner in ast.walk(node.right):
            spec = inner.format_spec if isinstance(inner, ast.FormattedValue) else None
            if spec is not None and "," in ast.unparse(spec):
                yield node.lineno


def test_no_translated_sentence_has_an_english_number() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{line}"
        for folder in PYTHON
        for file in sorted(Path(ROOT, folder).rglob("*.py"))
        for line in english_numbers(file.read_text())
    ]
    assert found == []


@pytest.mark.parametrize("value", ["{amount:,.2f}", "{count:,}"])
def test_one_would_be_found(value: str) -> None:
    assert list(english_numbers(f'x = _("Left: %(left)s.") % {{"left": f"{value}"}}')) == [1]
    assert list(english_numbers('x = _("Left: %(left)s.") % {"left": format_number(left, places=2)}')) == []


def test_numbers_follow_the_reader() -> None:
    with translation.override("es"):
        assert format_number(Decimal("1234.50"), places=2) == "1.234,50"
    with translation.override("en"):
        assert format_number(Decimal("1234.50"), places=2) == "1,234.50"
