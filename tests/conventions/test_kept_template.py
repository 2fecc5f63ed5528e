"""The migrated database that is kept between test runs is made anew when anything changes that it was made from."""

import shutil
from pathlib import Path

from tests.support.database import kept_template


def test_what_a_database_is_made_from_are_its_sources() -> None:
    sources = {str(path.relative_to(kept_template.ROOT)) for path in kept_template.sources()}
    assert sources >= {
        "infactor/ledger/migrations/0001_initial.py",
        "infactor/financing/models/advance.py",
        "infactor/core/money.py",  # which these import
        "quickbooks_app/models/push.py",
        "infactor/users/permissions.py",  # which roles import
        "infactor/users/apps.py",
        "infactor/settings/base.py",
        "tests/support/database/kept_template.py",
    }
    assert "infactor/core/views.py" not in sources


def test_a_changed_or_new_source_needs_another_database_and_a_view_does_not(tmp_path: Path) -> None:
    for path in kept_template.sources():
        copy = tmp_path / path.relative_to(kept_template.ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    digests = [kept_template.digest(tmp_path)]
    (tmp_path / "infactor/ledger/new_view.py").write_text('"""A view."""\n')
    assert kept_template.digest(tmp_path) == digests[0]
    (tmp_path / "infactor/ledger/migrations/0002_more.py").write_text('"""A migration."""\n')
    digests.append(kept_template.digest(tmp_path))
    with (tmp_path / "infactor/ledger/migrations/0001_initial.py").open("a") as file:
        file.write("# edited in place\n")
    digests.append(kept_template.digest(tmp_path))
    assert len(set(digests)) == 3
