"""Only `infactor.ledger.posting` writes to the ledger."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WRITES = re.compile(
    r"\b(Transaction|Entry|Account)(\(\s*\w+=|\.objects\.(create|bulk_create|get_or_create|update_or_create|bulk_update))"
    r"|INSERT INTO ledger_|COPY ledger_"
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
