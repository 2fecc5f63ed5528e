"""Every file keeps the layout rules: size, opening docstring, file names and forbidden markup."""

import ast
import re
import subprocess
from pathlib import Path

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
SOURCES = {name: (ROOT / name).read_text() for name in OURS}
MARKUP = sorted(name for name in TRACKED if name.endswith(".html") and (ROOT / name).is_file())


def test_every_file_has_fewer_than_300_lines() -> None:
    assert [name for name, source in SOURCES.items() if source.count("\n") >= 300] == []


def test_every_file_opens_with_its_subject() -> None:
    opening = re.compile(r'r?"""\S')  # comments may come before it
    assert [name for name, source in SOURCES.items() if not opening.match(re.sub(r"\A(#.*\n|\n)*", "", source))] == []


def test_no_template_trusts_data_or_holds_an_inline_script_or_style() -> None:
    forbidden = (r"\|\s*safe\b", r"autoescape off", r"<style\b", r"\sstyle=", r"\son[a-z]+=", r"<script>(?!\s*$)")
    found = [
        f"{name} holds {pattern}"
        for name in MARKUP
        for pattern in forbidden
        if re.search(pattern, (ROOT / name).read_text())
    ]
    assert found == []


def test_no_file_is_named_utils() -> None:
    assert not [name for name in PYTHON if re.search(r"(^|/)(utils|helpers|common|misc)(\.py|/)", name)]


def test_no_float_is_made_where_money_is() -> None:
    offenders = [
        name
        for name in OURS
        if name.startswith(("infactor/", "quickbooks_app/"))
        and "float(" in SOURCES[name]
        and any(
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
            for node in ast.walk(ast.parse(SOURCES[name]))
        )
    ]
    assert offenders == []
