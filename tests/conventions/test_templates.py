"""Every template of ours compiles, and none is left that nothing shows."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parents[2]
OURS = sorted(str(file.relative_to(ROOT / "templates")) for file in (ROOT / "templates").rglob("*.html"))
# Shown by Django, allauth and admin under names of their own.
NAMED_ELSEWHERE = re.compile(
    r"^(account|admin|django|socialaccount|allauth)/|^(400|403|404|429|500|503|403_csrf)\.html$"
)
SOURCES = "".join(
    file.read_text()
    for folder, pattern in (("templates", "*.html"), ("infactor", "*.py"), ("quickbooks_app", "*.py"))
    for file in (ROOT / folder).rglob(pattern)
)


@pytest.mark.parametrize("name", OURS)
def test_a_template_compiles(name: str) -> None:
    assert get_template(name).template.name == name


@pytest.mark.parametrize("name", [name for name in OURS if not NAMED_ELSEWHERE.match(name)])
def test_a_template_is_shown_by_something(name: str) -> None:
    assert f'"{name}"' in SOURCES
