"""README is true where a script can see it."""

import re
from pathlib import Path

from quickbooks_app.management.commands.mapping_table import BEGIN, END
from quickbooks_app.mapping.invoices import mapping_table_markdown

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()


def test_the_mapping_table_in_readme_is_the_one_in_the_code() -> None:
    shown = README.partition(BEGIN)[2].partition(END)[0].strip()
    assert shown == mapping_table_markdown()


def test_every_make_target_that_readme_names_exists() -> None:
    named = set(re.findall(r"\bmake ([a-z][a-z-]+)", README))
    assert {"run", "test", "check", "bench"} <= named
    assert {name for name in named if not re.search(rf"^{name}:", MAKEFILE, re.MULTILINE)} == set()


def test_every_file_that_readme_links_to_exists() -> None:
    linked = re.findall(r"\]\(([^)#:]+)\)", README)
    assert linked
    assert [name for name in linked if not (ROOT / name).exists()] == []
