"""Tests never empty a database that is not theirs."""

import pytest
from django.db import connection

from tests.support.database.truncation import delete_all_rows


@pytest.mark.django_db
def test_only_a_test_database_is_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "NAME", "infactor")
    with pytest.raises(RuntimeError, match="infactor is not a test database"):
        delete_all_rows()
