"""Known and guessable passwords are refused, by lists on this machine; long ones of unrelated words are not."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

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
