"""Links, make targets, the mapping table and the decision records in the documents are correct."""

import re
from functools import cache
from pathlib import Path

import pytest

from infactor.financing.eligibility.catalogue import RULES
from quickbooks_app.management.commands.mapping_table import BEGIN, END
from quickbooks_app.mapping.invoices import mapping_table_markdown

ROOT = Path(__file__).resolve().parents[2]
HELP = ROOT / "docs" / "guide" / "help"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
MAKEFILE = (ROOT / "Makefile").read_text()
ADR = ROOT / "docs" / "adr"
FENCE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
named = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def exists(name: str) -> bool:
    """Whether `name` is a file or folder of the project, or a module without its suffix."""
    return (ROOT / name).exists() or (ROOT / f"{name}.py").exists()


@cache
def anchors(document: Path) -> set[str]:
    """The anchors of `document`'s headings, as GitHub builds them: lower case, no punctuation, hyphens for spaces."""
    found: set[str] = set()
    for heading in re.findall(r"^#{1,6} +(.+?) *$", FENCE.sub("", document.read_text()), re.MULTILINE):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        slug = base = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        number = 0
        while slug in found:
            number += 1
            slug = f"{base}-{number}"
        found.add(slug)
    return found


@named
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    broken = []
    for link in LINK.findall(FENCE.sub("", document.read_text())):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        if not target.exists() and target.parent.parent == HELP:  # a page that is not translated is shown in English
            target = HELP / "en" / target.name
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@named
def test_every_make_target_that_a_document_names_exists(document: Path) -> None:
    if document.name == "CHANGELOG.md":
        return  # it also names what a target was called before
    source = document.read_text()
    code = [*FENCE.findall(source), *re.findall(r"`([^`\n]+)`", FENCE.sub("", source))]
    targets = {name for text in code for name in re.findall(r"(?:^|\n) *make ([a-z][a-z-]+)", text)}
    assert {name for name in targets if not re.search(rf"^{name}:", MAKEFILE, re.MULTILINE)} == set()


@named
def test_every_module_that_a_document_names_exists(document: Path) -> None:
    names = re.findall(r"`((?:infactor|quickbooks_app|tests|templates)/[\w/]+(?:\.\w+)?/?)`", document.read_text())
    assert [name for name in names if not exists(name)] == []


def test_every_module_of_the_glossary_exists() -> None:
    terms = (ROOT / "docs" / "glossary.md").read_text().partition("## Terms")[2].partition("\n## ")[0]
    places = [row.rsplit("|", 2)[1] for row in terms.splitlines() if row.startswith("| ") and "`" in row]
    assert places
    names = [name for place in places for name in re.findall(r"`([^`]+)`", place)]
    assert [name for name in names if not exists(name) and not exists(f"infactor/{name}")] == []


def test_the_terms_of_the_glossary_are_in_alphabetical_order() -> None:
    terms = (ROOT / "docs" / "glossary.md").read_text().partition("## Terms")[2].partition("\n## ")[0]
    names = [row.split("|")[1].strip() for row in terms.splitlines() if row.startswith("| ") and "`" in row]
    assert names == sorted(names, key=str.casefold)


def test_every_document_that_the_code_cites_exists() -> None:
    cited = {
        (str(source.relative_to(ROOT)), name)
        for folder in ("infactor", "quickbooks_app")
        for source in (ROOT / folder).rglob("*.py")
        for name in re.findall(r"(?<![\w/.])([\w/-]+\.md)\b", source.read_text())
    }
    assert {(source, name) for source, name in cited if not (ROOT / name).exists()} == set()


def test_the_table_of_rules_in_the_documents_is_the_one_in_the_code() -> None:
    table = (ROOT / "docs" / "domain" / "eligibility.md").read_text()
    shown = re.findall(r"^\| `([a-z_]+)` .*\| (yes|no) \|$", table, re.MULTILINE)
    assert shown == [(rule.value, "yes" if record.may_be_overridden else "no") for rule, record in RULES.items()]


def test_every_make_target_is_in_its_help() -> None:
    targets = re.findall(r"^([a-z][a-z-]+):", MAKEFILE, re.MULTILINE)
    assert [name for name in targets if name not in ("help", "python") and f'"make {name}' not in MAKEFILE] == []


def test_readme_is_short_and_shows_the_product() -> None:
    readme = (ROOT / "README.md").read_text()
    assert readme.count("\n") <= 80
    images = re.findall(r"!\[[^\]]{20,}\]\(([^)]+)\)", readme)
    assert images
    assert all((ROOT / image).stat().st_size < 200_000 for image in images)


def test_the_mapping_table_in_the_documents_is_the_one_in_the_code() -> None:
    shown = (ROOT / "docs" / "domain" / "quickbooks.md").read_text().partition(BEGIN)[2].partition(END)[0].strip()
    assert shown == mapping_table_markdown()


@pytest.mark.parametrize("record", sorted(ADR.glob("[0-9]*.md")), ids=lambda path: path.stem)
def test_a_decision_record_is_whole_and_in_the_index(record: Path) -> None:
    source = record.read_text()
    assert source.startswith(f"# {int(record.name[:4])}. ")
    assert re.search(r"^- Status: (accepted|superseded by \d+)$", source, re.MULTILINE)
    assert re.search(r"^- Date: \d{4}-\d\d-\d\d$", source, re.MULTILINE)
    assert [part for part in ("Context", "Decision", "Consequences") if f"\n## {part}\n" not in source] == []
    assert f"]({record.name})" in (ADR / "README.md").read_text()
