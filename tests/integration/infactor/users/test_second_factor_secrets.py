"""The secrets of second factors follow a rotation of the encryption keys."""

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from infactor.core.keys import generate_key
from infactor.users.security.recovery_codes import HashedRecoveryCodes
from tests.support.factories.suppliers import UserFactory
from tests.support.second_factor import code, give_factor

pytestmark = pytest.mark.django_db


def test_an_old_key_can_be_removed_after_a_rotation(settings: Settings) -> None:
    person = UserFactory()
    app, spare = give_factor(person), HashedRecoveryCodes.activate(person)
    codes = spare.get_unused_codes()
    new = generate_key()
    settings.FIELD_ENCRYPTION_KEYS = [new, *settings.FIELD_ENCRYPTION_KEYS]
    call_command("rotate_keys", verbosity=0)
    settings.FIELD_ENCRYPTION_KEYS = [new]
    app.refresh_from_db()
    spare.instance.refresh_from_db()
    assert app.wrap().validate_code(code())
    assert spare.get_unused_codes() == codes


def test_the_check_of_keys_names_second_factors_that_no_key_reads(settings: Settings) -> None:
    give_factor(UserFactory())
    call_command("check_keys")
    settings.FIELD_ENCRYPTION_KEYS = [generate_key()]
    with pytest.raises(CommandError, match=r"mfa_authenticator.data: encrypted with an unknown key \(1 rows\)"):
        call_command("check_keys")
