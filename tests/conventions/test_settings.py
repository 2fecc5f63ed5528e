"""Every setting is documented, and production refuses to start with a secret that is publicly known."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from allauth.account.adapter import get_adapter
from django.test import RequestFactory
from pytest_django.fixtures import Settings

ROOT = Path(__file__).resolve().parents[2]
ASKED = re.compile(r"env(?:\.\w+)?\(\s*\"([A-Z][A-Z0-9_]+)\"")
DOCUMENTED = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / "example.env").read_text(), re.MULTILINE))

COMPLETE = {
    "DJANGO_SETTINGS_MODULE": "infactor.settings.production",
    "SECRET_KEY": "only-a-test-0123456789-abcdefghij-klmnopqrst-uvwxyz",
    "ALLOWED_HOSTS": "infactor.our-company.com",
    "DATABASE_URL": "postgres://someone@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "FIELD_ENCRYPTION_KEYS": "bm90LWEtc2VjcmV0LWF0LWFsbC1vbmx5LWEtdGVzdCE=",
    "FINGERPRINT_KEY": "a-test-too-0123456789-klmnopqrst-abcdefghij",
    "QUICKBOOKS_ENVIRONMENT": "production",
    "QUICKBOOKS_CLIENT_ID": "client",
    "QUICKBOOKS_CLIENT_SECRET": "secret",
    "QUICKBOOKS_REDIRECT_URI": "https://infactor.our-company.com/quickbook/connect",
    "EMAIL_URL": "smtp+tls://user:password@127.0.0.1:587",
    "DEFAULT_FROM_EMAIL": "infactor <no-reply@our-company.com>",
    "SUPPORT_EMAIL": "support@our-company.com",
    "PAY_TO_HOLDER": "infactor Inc.",
    "PAY_TO_BANK": "A Bank",
    "PAY_TO_ACCOUNT": "000123456789",
    "PAY_TO_ROUTING": "021000021",
}


def start(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return run(environment, "manage.py", *command)


def run(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**keep, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_every_setting_that_is_read_from_the_environment_is_documented() -> None:
    asked = {name for file in (ROOT / "infactor" / "settings").glob("*.py") for name in ASKED.findall(file.read_text())}
    assert asked
    assert asked - DOCUMENTED == set()


def test_every_setting_that_is_documented_exists() -> None:
    source = "".join(
        file.read_text() for folder in ("settings", "devserver") for file in (ROOT / "infactor" / folder).glob("*.py")
    )
    assert {name for name in DOCUMENTED if f'"{name}"' not in source} == set()


def test_production_refuses_to_start_without_secrets_and_names_every_missing_one() -> None:
    refused = start({"DJANGO_SETTINGS_MODULE": "infactor.settings.production"}, "check")
    assert refused.returncode != 0
    last_line = refused.stderr.strip().splitlines()[-1]
    optional = {"QUICKBOOKS_ENVIRONMENT", "QUICKBOOKS_CLIENT_ID", "QUICKBOOKS_CLIENT_SECRET"}
    for name in COMPLETE.keys() - {"DJANGO_SETTINGS_MODULE", *optional}:
        assert name in last_line


@pytest.mark.parametrize(
    "missing", ["SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "FINGERPRINT_KEY", "QUICKBOOKS_CLIENT_SECRET"]
)
def test_production_refuses_to_start_without_one_secret(missing: str) -> None:
    refused = start({**COMPLETE, missing: ""}, "check")
    assert refused.returncode != 0
    assert f"infactor does not start: {missing} must be set" in refused.stderr


PROXIES = "from django.conf import settings; print(getattr(settings, 'ALLAUTH_TRUSTED_PROXY_COUNT', 0))"
FORWARDED = "192.0.2.66, 198.51.100.9, 203.0.113.7"


@pytest.mark.parametrize(
    ("proxy", "address"),
    [
        ({"BEHIND_TLS_PROXY": "1", "TRUSTED_PROXY_COUNT": "1"}, "203.0.113.7"),
        ({"BEHIND_TLS_PROXY": "1", "TRUSTED_PROXY_COUNT": "2"}, "198.51.100.9"),
        ({"BEHIND_TLS_PROXY": "0"}, "127.0.0.1"),
    ],
)
def test_the_address_of_a_visitor_is_the_one_that_trusted_proxies_name(
    settings: Settings, proxy: dict[str, str], address: str
) -> None:
    shown = run({**COMPLETE, **proxy}, "-c", PROXIES)
    assert shown.returncode == 0, shown.stderr
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = int(shown.stdout)
    request = RequestFactory().get("/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=FORWARDED)
    assert get_adapter().get_client_ip(request) == address


def test_production_is_what_starts_when_nothing_is_said() -> None:
    refused = start({}, "check")
    assert "infactor does not start" in refused.stderr


def test_production_names_everything_unsafe_at_once_and_shows_no_value() -> None:
    unsafe = {
        "SECRET_KEY": "canary",
        "REDIS_URL": "redis://:canary@10.0.0.9:6379/0",
        "OAUTHLIB_INSECURE_TRANSPORT": "1",
    }
    refused = start({**COMPLETE, **unsafe}, "check")
    assert refused.returncode != 0
    for expected in ("SECRET_KEY can be guessed", "REDIS_URL leads to 10.0.0.9", "OAUTHLIB_INSECURE_TRANSPORT is set"):
        assert f"infactor does not start: {expected}" in refused.stderr
    assert "canary" not in refused.stderr


def test_production_refuses_the_company_on_this_machine() -> None:
    refused = start({**COMPLETE, "QUICKBOOKS_ENVIRONMENT": "local"}, "check")
    assert refused.returncode != 0
    assert "QUICKBOOKS_ENVIRONMENT is 'local'" in refused.stderr


def test_metrics_start_without_any_secret_and_refuse_a_plain_connection_to_another_machine() -> None:
    module = {"DJANGO_SETTINGS_MODULE": "infactor.settings.metrics"}
    passed = start({**module, "DATABASE_URL": "postgres://reader@127.0.0.1:1/infactor"}, "check")
    assert passed.returncode == 0, passed.stderr
    plain = start({**module, "DATABASE_URL": "postgres://reader:aGoodPassword9@db.our-company.com/infactor"}, "check")
    assert "DATABASE_URL leads to db.our-company.com without TLS" in plain.stderr


def test_evidence_of_financed_invoices_is_never_kept_for_less_time_than_the_rest() -> None:
    shorter = {"KEEP_STATE_VERSIONS_DAYS": "1096", "KEEP_FINANCED_VERSIONS_DAYS": "1095"}
    refused = start({**COMPLETE, **shorter}, "check")
    assert refused.returncode != 0
    last_line = refused.stderr.strip().splitlines()[-1]
    assert "infactor does not start: KEEP_FINANCED_VERSIONS_DAYS is less than another" in last_line


def test_an_encryption_key_that_is_none_is_named_by_its_place() -> None:
    refused = start(
        {
            **COMPLETE,
            "FIELD_ENCRYPTION_KEYS": f"{COMPLETE['FIELD_ENCRYPTION_KEYS']},{COMPLETE['FINGERPRINT_KEY'][::-1]}",
        },
        "check",
    )
    assert refused.returncode != 0
    assert "Key 2 of FIELD_ENCRYPTION_KEYS is not 32 bytes" in refused.stderr
