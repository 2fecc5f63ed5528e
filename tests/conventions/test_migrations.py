"""A migration keeps the release before it working: no column vanishes or becomes required at once."""

from pathlib import Path

import pytest
from django.apps import apps
from django_migration_linter import MigrationLinter

ROOT = Path(__file__).resolve().parents[2]
OURS = [app.label for app in apps.get_app_configs() if Path(app.path).is_relative_to(ROOT) and ".venv" not in app.path]


@pytest.mark.django_db
def test_no_migration_breaks_the_release_before_it(capsys: pytest.CaptureFixture[str]) -> None:
    linter = MigrationLinter(str(ROOT), include_apps=OURS, no_cache=True)
    linter.lint_all_migrations()
    assert linter.nb_total >= len(OURS)
    assert not linter.has_errors, capsys.readouterr().out
