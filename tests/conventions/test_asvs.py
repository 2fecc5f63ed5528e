"""docs/security/asvs.md has every requirement of ASVS 5.0.0 up to level 2 once, and names only what exists."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security" / "asvs.md").read_text()
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| ([^|]+) \| (\w+) \| ([^|]+) \|$", re.MULTILINE)
ROWS = ROW.findall(PAGE)
NOT_APPLICABLE = re.findall(r"\d+\.\d+\.\d+", PAGE.partition("\n## Not applicable\n")[2])
COUNTS = dict(re.findall(r"^\| ([\w ]+) \| [^|]+ \| (\d+) \|$", PAGE, re.MULTILINE))
REFERENCE = re.compile(r"`(\w[\w./-]*/[\w.-]+|\w+\.\w+)(?:::(\w+))?`")

# By chapter: how many requirements each section has up to level 2. In a section they come before those of level 3.
CHAPTERS = {
    1: (2, 9, 11, 3, 2),
    2: (3, 3, 4, 1),
    3: (0, 2, 4, 6, 5, 0, 2),
    4: (3, 1, 2, 4),
    5: (1, 3, 2, 3),
    6: (3, 12, 4, 4, 5, 3, 0, 4),
    7: (3, 4, 2, 5, 2, 2),
    8: (2, 3, 1, 1),
    9: (3, 4),
    10: (2, 2, 4, 11, 5, 2, 3),
    11: (2, 3, 3, 4, 1, 1),
    12: (3, 2, 4),
    13: (1, 5, 2, 5),
    14: (2, 4, 3),
    15: (3, 3, 7),
    16: (1, 5, 4, 3, 3),
    17: (1, 4, 2),
}
EXPECTED = [
    f"{chapter}.{section}.{number}"
    for chapter, counts in CHAPTERS.items()
    for section, count in enumerate(counts, start=1)
    for number in range(1, count + 1)
]


@cache
def names(path: Path) -> set[str]:
    """The classes and functions that the file defines, at any depth."""
    kinds = ast.ClassDef | ast.FunctionDef
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, kinds)}


def missing(how: str) -> list[str]:
    """The files, tests and functions that `how` names and that do not exist."""
    found = []
    for path, name in REFERENCE.findall(how):
        file = ROOT / path
        if not file.is_file() or (name and name not in names(file)):
            found.append(f"{path}::{name}" if name else path)
    return found


def test_every_requirement_is_judged_once() -> None:
    assert len(EXPECTED) == 253
    judged = [row[0] for row in ROWS] + NOT_APPLICABLE
    assert sorted(judged) == sorted(EXPECTED)


def test_every_test_function_and_file_that_is_named_exists() -> None:
    assert {row[0]: lost for row in ROWS if (lost := missing(row[4]))} == {}


def test_a_verdict_says_what_it_rests_on_or_what_is_missing() -> None:
    for requirement, _, _, verdict, how in ROWS:
        if verdict == "met":
            assert REFERENCE.search(how), requirement
            assert "To be met" not in how, requirement
        elif verdict == "operator":
            assert how.startswith("Operator: "), requirement
        else:
            assert verdict in ("partly", "not"), requirement
            assert "To be met: " in how, requirement


def test_the_numbers_of_the_page_are_right() -> None:
    counted = Counter(row[3] for row in ROWS)
    counted["not applicable"] = len(NOT_APPLICABLE)
    assert {verdict: int(number) for verdict, number in COUNTS.items()} == counted
