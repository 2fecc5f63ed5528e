"""Known and guessable passwords are refused, by lists on this machine; long ones of unrelated words are not."""

import hashlib
from pathlib import Path

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from pytest_django.fixtures import Settings

from infactor.users.models import User

PERSON = User(email="robin.larkspur@roasters.example", name="Robin Larkspur")


@pytest.mark.parametrize(
    "password",
    [
        "short-one-1",  # length
        "passwordpassword",  # repeated
        "Password12345678",  # a known one with digits
        "qwertyuiop1234",  # along the keyboard
        "infactor-infactor",  # what the site is called
        "larkspur-robin1",  # the person's own name
        "robin.larkspur@roasters.example",  # the person's own address
        "123456789012345",
        "aaaaaaaaaaaaaaaaaa",
        "iloveyou1iloveyou1",
    ],
)
def test_a_known_or_guessable_password_is_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, PERSON)


LEAKED = [f"leaked passphrase number {n}" for n in range(50)]


@pytest.fixture
def leaks(tmp_path: Path, settings: Settings) -> None:
    """The sums of LEAKED, as Have I Been Pwned writes them."""
    sums = sorted(hashlib.sha1(one.encode(), usedforsecurity=False).hexdigest().upper() for one in LEAKED)
    file = tmp_path / "pwnedpasswords.txt"
    file.write_text("".join(f"{one}:{10 ** (n % 7)}\r\n" for n, one in enumerate(sums)))
    settings.LEAKED_PASSWORDS_FILE = str(file)


@pytest.mark.parametrize("password", LEAKED)
def test_a_password_in_the_file_of_leaks_is_refused(leaks: None, password: str) -> None:
    with pytest.raises(ValidationError, match="known from leaks"):
        validate_password(password, PERSON)


@pytest.mark.parametrize("size", [0, 1, 50])
def test_a_password_beside_those_in_the_file_is_accepted(leaks: None, settings: Settings, size: int) -> None:
    file = Path(settings.LEAKED_PASSWORDS_FILE)
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:size]))
    for n in range(50):
        validate_password(f"private passphrase number {n}", PERSON)


def test_without_a_file_the_lists_of_infactor_hold() -> None:
    validate_password(LEAKED[0], PERSON)


@pytest.mark.parametrize(
    "password",
    [
        "correct-horse-battery",
        "seven-quiet-lanterns",
        "Zq8#mV2pLw9x",
        "wunderbar Kiesel Traktor",
        "x7" * 3 + "Ql9!vR" * 20,
    ],
)
def test_a_good_password_of_any_kind_is_accepted(password: str) -> None:
    validate_password(password, PERSON)
