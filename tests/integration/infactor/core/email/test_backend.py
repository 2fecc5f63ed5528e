"""Local mode keeps mails as files that only their owner can read."""

import stat
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection, send_mail
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


def test_each_mail_is_a_file_of_its_own_that_mail_programs_open(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.EMAIL_BACKEND = "infactor.core.email.backend.ConsoleAndFileBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    mail = EmailMultiAlternatives(
        "Hello", "Text", "a@infactor.example", ["ann@example.com"], reply_to=["b@example.com"]
    )
    mail.attach_alternative("<p>Text</p>", "text/html")
    get_connection().send_messages([mail, mail])
    files = sorted(tmp_path.glob("*.eml"))
    assert len(files) == 2
    opened = message_from_bytes(files[0].read_bytes(), policy=policy.default)
    assert (opened["Subject"], opened["Reply-To"], opened.get_content_type()) == (
        "Hello", "b@example.com", "multipart/alternative",
    )  # fmt: skip
    assert [part.get_content_type() for part in opened.iter_parts()] == ["text/plain", "text/html"]
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
    assert "<p>" not in capsys.readouterr().out
