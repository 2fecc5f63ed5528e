"""Every column is declared as personal, secret or other, and the documentation says what the code does."""

from pathlib import Path
from typing import Any

from django.db import models

from infactor.core.privacy import document, registry
from infactor.core.privacy.declarations import KINDS
from infactor.users.models import User

ROOT = Path(__file__).resolve().parents[2]


def test_every_column_of_every_table_is_declared() -> None:
    assert list(registry.undeclared_fields()) == []


def test_a_new_column_without_a_declaration_is_named(monkeypatch: Any) -> None:
    mobile = models.CharField(max_length=20)
    mobile.set_attributes_from_name("mobile")
    monkeypatch.setattr(User._meta, "concrete_fields", (*User._meta.concrete_fields, mobile))
    assert list(registry.undeclared_fields()) == ["users.User.mobile"]


def test_personal_data_that_leads_to_a_subject_is_erased_or_kept_for_a_reason() -> None:
    for table in registry.registry().tables:
        reached = set(KINDS) if table.mentions and not table.paths else set(table.paths)
        assert reached <= set(table.on_erasure) or table.model == "financing.Collection", table.model
        assert table.purpose
        assert table.retention


def test_the_documentation_is_that_of_the_code() -> None:
    assert (ROOT / "docs/security/data.md").read_text() == document.as_markdown(), "run `make data-table`"
