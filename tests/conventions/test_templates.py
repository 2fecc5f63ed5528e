"""Every template of ours compiles, and every template is used."""

import re
from pathlib import Path

from django.template.loader import get_template

ROOT = Path(__file__).resolve().parents[2]
OURS = sorted(str(file.relative_to(ROOT / "templates")) for file in (ROOT / "templates").rglob("*.html"))
# Shown by Django, allauth and admin under names of their own.
NAMED_ELSEWHERE = re.compile(r"^(account|admin|django|mfa|usersessions)/|^(400|403|404|429|500|503|403_csrf)\.html$")
SOURCES = "".join(
    file.read_text()
    for folder, pattern in (("templates", "*.html"), ("infactor", "*.py"), ("quickbooks_app", "*.py"))
    for file in (ROOT / folder).rglob(pattern)
)


def test_every_template_compiles() -> None:
    assert [name for name in OURS if get_template(name).template.name != name] == []


def test_every_template_is_shown_by_something() -> None:
    assert [name for name in OURS if not NAMED_ELSEWHERE.match(name) and f'"{name}"' not in SOURCES] == []
