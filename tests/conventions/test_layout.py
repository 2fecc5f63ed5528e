"""The house rules that a script can see: sizes, opening lines, forbidden words."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TRACKED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
).stdout.split()
PYTHON = sorted(name for name in TRACKED if name.endswith(".py") and (ROOT / name).is_file())
OURS = [name for name in PYTHON if "/migrations/" not in name]
MARKUP = sorted(name for name in TRACKED if name.endswith(".html") and (ROOT / name).is_file())


@pytest.mark.parametrize("name", OURS)
def test_a_file_has_fewer_than_300_lines_and_opens_with_its_subject(name: str) -> None:
    source = (ROOT / name).read_text()
    assert source.count("\n") < 300, f"{name} is too long for one subject"
    assert ast.get_docstring(ast.parse(source)), f"{name} does not say what it is about"


@pytest.mark.parametrize("name", MARKUP)
def test_a_template_trusts_no_data_and_holds_no_inline_script_or_style(name: str) -> None:
    source = (ROOT / name).read_text()
    for forbidden in (r"\|\s*safe\b", r"autoescape off", r"<style\b", r"\sstyle=", r"\son[a-z]+=", r"<script>(?!\s*$)"):
        assert not re.search(forbidden, source), f"{name} holds {forbidden}"


def test_no_file_is_named_utils() -> None:
    assert not [name for name in PYTHON if re.search(r"(^|/)(utils|helpers|common|misc)(\.py|/)", name)]


def test_no_float_is_made_where_money_is() -> None:
    offenders = [
        name
        for name in OURS
        if name.startswith(("infactor/", "quickbooks_app/"))
        and any(
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
            for node in ast.walk(ast.parse((ROOT / name).read_text()))
        )
    ]
    assert offenders == []
