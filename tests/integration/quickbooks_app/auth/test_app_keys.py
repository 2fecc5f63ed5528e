"""Pasted keys are trimmed, and refused with what to do where they cannot be right."""

from typing import Any

import pytest

from quickbooks_app.auth import app_keys
from quickbooks_app.auth.app_keys import KeysRefused
from quickbooks_app.models import Integration

ID, SECRET = "ABq7" + "k3Zx" * 11 + "Ty", "h8" * 20
VERIFIER = "0f8fad5b-d9cb-469f-a165-70867728950e"


def check(**given: str) -> app_keys.Keys:
    return app_keys.check(
        **{"environment": "sandbox", "client_id": ID, "client_secret": SECRET, "webhook_verifier": VERIFIER, **given}
    )


@pytest.mark.parametrize("around", ["{}", " {} ", "\t{}\r\n", "\u00a0{}\u200b", "\ufeff{}\u2003"])
def test_white_space_and_invisible_characters_around_a_key_are_taken_away(around: str) -> None:
    keys = check(
        client_id=around.format(ID), client_secret=around.format(SECRET), webhook_verifier=around.format(VERIFIER)
    )
    assert (keys.client_id, keys.client_secret, keys.webhook_verifier) == (ID, SECRET, VERIFIER)


def test_keys_may_be_left_blank_both_and_a_verifier_is_never_needed() -> None:
    keys = check(client_id=" ", client_secret="", webhook_verifier="")
    assert (keys.client_id, keys.client_secret, keys.webhook_verifier) == ("", "", "")


def test_two_verifier_tokens_are_taken_while_one_replaces_the_other() -> None:
    assert check(webhook_verifier=f"{VERIFIER} , {VERIFIER[::-1]}").webhook_verifier == f"{VERIFIER},{VERIFIER[::-1]}"


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({"client_id": f"{ID[:9]} {ID[9:]}"}, "client_id", "has a space"),
        (
            {"client_secret": f"{SECRET[:9]}\u200b{SECRET[9:]}"},
            "client_secret",
            "has a space or an invisible character",
        ),
        ({"client_secret": f"{SECRET[:9]}\n{SECRET[9:]}"}, "client_secret", "has a space"),
        ({"webhook_verifier": "one two"}, "webhook_verifier", "has a space"),
        ({"webhook_verifier": "one,"}, "webhook_verifier", "Enter one verifier token, or two"),
        ({"webhook_verifier": "a,b,c"}, "webhook_verifier", "Enter one verifier token, or two"),
        ({"client_id": ""}, "client_id", "Enter both keys, or leave both blank"),
        ({"client_secret": ""}, "client_secret", "Enter both keys, or leave both blank"),
        ({"client_id": SECRET, "client_secret": SECRET}, "client_secret", "the client ID again"),
        ({"client_id": SECRET, "client_secret": ID}, "client_id", "looks like a client secret"),
        ({"client_id": "h7" * 20}, "client_id", "looks like a client secret"),
        ({"client_secret": ID[::-1]}, "client_secret", "looks like a client ID"),
        ({"client_id": VERIFIER, "webhook_verifier": ""}, "client_id", "an app ID or a verifier token"),
        ({"client_secret": VERIFIER, "webhook_verifier": ""}, "client_secret", "an app ID or a verifier token"),
        ({"client_secret": "RT1-39-H3-1785429816"}, "client_secret", "This is a token"),
        ({"client_id": "https://developer.intuit.com"}, "client_id", "This is an address"),
        ({"client_secret": "infactor-local-secret"}, "client_secret", "This is a sample"),
        ({"client_id": "ÄB" * 25}, "client_id", "characters that no key has"),
        ({"client_id": "A" * 201}, "client_id", "too long"),
        ({"webhook_verifier": SECRET}, "webhook_verifier", "one of the keys"),
    ],
)
def test_what_cannot_be_a_key_is_refused_at_its_field(given: dict[str, str], field: str, says: str) -> None:
    with pytest.raises(KeysRefused, match=says) as refused:
        check(**given)
    assert refused.value.field == field
    assert not any(value in str(refused.value) for value in given.values() if len(value) > 5), "no value is shown"


def test_keys_of_the_sandbox_on_this_machine_have_any_form() -> None:
    assert check(environment="local", client_id="infactor-local", client_secret="infactor-local-secret").client_id


def test_production_keys_need_an_https_address(settings: Any) -> None:
    settings.QUICKBOOKS_REDIRECT_URI = "http://localhost:3000/quickbook/connect"
    with pytest.raises(KeysRefused, match="need an https address: set QUICKBOOKS_REDIRECT_URI"):
        check(environment="production")
    settings.QUICKBOOKS_REDIRECT_URI = "https://app.infactor.com/quickbook/connect"
    assert check(environment="production").client_id == ID


@pytest.mark.django_db
def test_development_keys_are_refused_for_production_and_the_other_way_round() -> None:
    row = Integration.objects.create(name="Sandbox", environment="sandbox", client_id=ID, client_secret=SECRET)
    with pytest.raises(KeysRefused, match=r"These are development keys.* Choose Production there") as refused:
        app_keys.check_environment(environment="production", client_id=ID)
    assert refused.value.field == "client_id"
    app_keys.check_environment(environment="sandbox", client_id=ID)
    app_keys.check_environment(environment="production", client_id=ID, pk=row.pk)
    app_keys.check_environment(environment="production", client_id="")


def test_the_keys_of_the_settings_belong_to_their_environment(settings: Any, db: None) -> None:
    settings.QUICKBOOKS_ENVIRONMENT, settings.QUICKBOOKS_CLIENT_ID = "production", ID
    with pytest.raises(KeysRefused, match=r"These are production keys.* Choose Development there"):
        app_keys.check_environment(environment="sandbox", client_id=ID)


def test_keys_are_never_printed() -> None:
    assert SECRET not in repr(check())
