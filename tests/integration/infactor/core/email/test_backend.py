"""Local mode keeps mails as files that only their owner can read."""

import stat
from pathlib import Path

import pytest
from django.core.mail import send_mail
from pytest_django.fixtures import Settings


def test_the_folder_of_mails_is_its_owners(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.EMAIL_BACKEND = "infactor.core.email.backend.ConsoleAndFileBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    (tmp_path / "mail").mkdir(mode=0o755)  # as an earlier release made it
    send_mail("Hello", "https://infactor.example/secret-link", None, ["ann@example.com"])
    assert stat.S_IMODE((tmp_path / "mail").stat().st_mode) == 0o700
    assert "secret-link" in next((tmp_path / "mail").iterdir()).read_text()
    assert "secret-link" in capsys.readouterr().out
