"""No module, class, function or method has a retired word of docs/glossary.md in its name."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    source
    for folder in ("infactor", "quickbooks_app", "tests")
    for source in (ROOT / folder).rglob("*.py")
    if "migrations" not in source.parts
)
# Parsing two thousand files takes ten times as long.
DEFINED = re.compile(r"^[ \t]*(?:class|(?:async[ \t]+)?def)[ \t]+(\w+)", re.MULTILINE)
TABLE = (ROOT / "docs" / "glossary.md").read_text().partition("\n## Retired words\n")[2]
RETIRED = dict(re.findall(r"^\| `([a-z_]+)` \| `([a-z_]+)` \|", TABLE, re.MULTILINE))


def words(name: str) -> str:
    """The words of a snake_case or CamelCase name, each between underscores: "_reckon_due_"."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    return f"_{'_'.join(parts).lower()}_"


def retired_in(name: str) -> list[str]:
    """The retired words that `name` carries."""
    carried = words(name)
    return [retired for retired in RETIRED if f"_{retired}_" in carried]


def names(source: Path) -> Iterator[str]:
    """The module's name, and those of its classes, functions and methods; a test's name is a sentence."""
    yield source.stem
    yield from (name for name in DEFINED.findall(source.read_text()) if not name.startswith("test_"))


def test_no_name_carries_a_retired_word() -> None:
    found = [
        f"{source.relative_to(ROOT)}: {name} carries {word!r}; use {RETIRED[word]!r}"
        for source in SOURCES
        for name in names(source)
        for word in retired_in(name)
    ]
    assert found == []


def test_no_folder_carries_a_retired_word() -> None:
    folders = {part for source in SOURCES for part in source.relative_to(ROOT).parts[:-1]}
    assert [folder for folder in folders if retired_in(folder)] == []


@pytest.mark.parametrize("name", ["reckon", "reckon_due", "ReckonDue", "_may_reckon", "dig_up_all", "DoorbellAdmin"])
def test_a_retired_word_is_found_wherever_it_stands_in_a_name(name: str) -> None:
    assert retired_in(name)


@pytest.mark.parametrize("name", ["string", "household", "dig", "up_dig", "retold", "warehouse"])
def test_a_part_of_another_word_is_not_a_retired_word(name: str) -> None:
    assert retired_in(name) == []


def test_a_word_is_not_both_retired_and_to_be_used() -> None:
    assert [word for word in RETIRED.values() if retired_in(word)] == []
