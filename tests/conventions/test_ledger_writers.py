"""Only `infactor.ledger.posting` writes to the ledger."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WRITES = re.compile(
    r"\b(Transaction|Entry|Account)(\(\s*\w+=|\.objects\.(create|bulk_create|get_or_create|update_or_create|bulk_update))"
    r"|INSERT INTO ledger_(?!monthsum)|COPY ledger_"
)
WRITES_SUMS = re.compile(
    r"(INSERT INTO|UPDATE|DELETE FROM|COPY) ledger_monthsum|\bMonthSum(\(\s*\w+=|\.objects\.\w*(create|update))"
)
BOOKS = re.compile(r"\b(from|import) infactor\.ledger|\bledger_(account|transaction|entry)\b")


def test_the_books_have_one_writer() -> None:
    writers = [
        str(file.relative_to(ROOT))
        for folder in ("infactor", "quickbooks_app")
        for file in sorted((ROOT / folder).rglob("*.py"))
        if BOOKS.search(source := file.read_text()) and WRITES.search(source)
    ]
    assert writers == ["infactor/ledger/posting.py"]


def test_the_sums_of_closed_months_are_written_by_the_trigger_of_a_closing_only() -> None:
    files = (file for folder in ("infactor", "quickbooks_app") for file in (ROOT / folder).rglob("*.py"))
    writers = [str(file.relative_to(ROOT)) for file in files if WRITES_SUMS.search(file.read_text())]
    assert writers == ["infactor/ledger/migrations/0001_initial.py"]
