"""Production refuses published and weak secrets, hosts of others, and unencrypted connections, each by its name."""

import pytest

from infactor.settings.production_requirements import problems

SAFE = {
    "SECRET_KEY": "aGVsbG8td29ybGQtdGhpcy1pcy1sb25nLWVub3VnaC0xMjM0NTY3ODkw",
    "FIELD_ENCRYPTION_KEYS": "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY=,"
    "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo2NTQzMjE=",
    "FINGERPRINT_KEY": "cXdlcnR5dWlvcGFzZGZnaGprbHp4Y3Zibm0xMjM0NTY3ODkwLXk",
    "ALLOWED_HOSTS": "app.infactor.com,.infactor.com",
    "BEHIND_TLS_PROXY": "1",
    "TRUSTED_PROXY_COUNT": "1",
    "DATABASE_URL": "postgres://infactor:4f1c9b2e7a@127.0.0.1:5432/infactor",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "EMAIL_URL": "smtp+tls://user:password@mail.infactor.com:587",
    "DEFAULT_FROM_EMAIL": "infactor <no-reply@infactor.com>",
    "SUPPORT_EMAIL": "support@infactor.com",
    "QUICKBOOKS_REDIRECT_URI": "https://app.infactor.com/quickbook/connect",
    "QUICKBOOKS_CLIENT_ID": "ABc1d2",
    "QUICKBOOKS_CLIENT_SECRET": "b7d1c2e9",
}


def test_a_safe_environment_has_no_problem() -> None:
    assert problems(SAFE) == []


@pytest.mark.parametrize(
    "safe",
    [
        {"DATABASE_URL": "postgres://u:4f1c9b2e7a@db.infactor.com/infactor?sslmode=verify-full"},
        {"DATABASE_URL": "postgres://%2Fvar%2Frun%2Fpostgresql/infactor"},
        {"DATABASE_URL": "postgres://u:4f1c9b2e7a@postgres:5432/x", "PRIVATE_HOSTS": "postgres, redis"},
        {"REDIS_URL": "rediss://:4f1c9b2e7a@cache.infactor.com:6380/0"},
        {"REDIS_URL": "redis://redis:6379/0", "PRIVATE_HOSTS": "postgres,redis"},
        {"REDIS_URL": "unix:///run/redis.sock?db=1"},
        {"REDIS_URL": "redis://[::1]:6379/0"},
        {"EMAIL_URL": "smtp://localhost:25"},
        {"ALLOWED_HOSTS": ".infactor.com"},
        {"QUICKBOOKS_CLIENT_ID": "", "QUICKBOOKS_CLIENT_SECRET": ""},
        {"BEHIND_TLS_PROXY": "0", "TRUSTED_PROXY_COUNT": ""},
        {"BEHIND_TLS_PROXY": "1", "SECURE_SSL_REDIRECT": "0"},
    ],
)
def test_what_is_as_safe_is_accepted(safe: dict[str, str]) -> None:
    assert problems({**SAFE, **safe}) == []


@pytest.mark.parametrize(
    ("unsafe", "named"),
    [
        ({"SECRET_KEY": "local-only-" + "x" * 50}, "SECRET_KEY is published"),
        ({"SECRET_KEY": "django-insecure-" + SAFE["SECRET_KEY"]}, "SECRET_KEY is published"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY can be guessed"),
        ({"SECRET_KEY": "ab" * 40}, "SECRET_KEY can be guessed"),
        ({"SECRET_KEY_FALLBACKS": f"{SAFE['SECRET_KEY']}-old,short"}, "key 2 of SECRET_KEY_FALLBACKS can be guessed"),
        (
            {"FIELD_ENCRYPTION_KEYS": "bG9jYWwtbW9kZS1vbmx5LW5ldmVyLXByb2R1Y3Rpb24="},
            "FIELD_ENCRYPTION_KEYS is published",
        ),
        ({"FINGERPRINT_KEY": "f" * 60}, "FINGERPRINT_KEY can be guessed"),
        ({"FINGERPRINT_KEY_FALLBACKS": "local-only"}, "FINGERPRINT_KEY_FALLBACKS is published"),
        ({"FINGERPRINT_KEY_FALLBACKS": "f" * 60}, "FINGERPRINT_KEY_FALLBACKS can be guessed"),
        ({"FINGERPRINT_KEY": SAFE["SECRET_KEY"]}, "the same key stands in two settings"),
        ({"ALLOWED_HOSTS": "app.infactor.com,*"}, "ALLOWED_HOSTS contains '*'"),
        ({"ALLOWED_HOSTS": "app.infactor.com,.com"}, "ALLOWED_HOSTS contains '.com'"),
        ({"ALLOWED_HOSTS": "app.infactor.com,https://app.infactor.com"}, "without scheme and port"),
        ({"TRUSTED_PROXY_COUNT": ""}, "BEHIND_TLS_PROXY is set and TRUSTED_PROXY_COUNT is not"),
        ({"TRUSTED_PROXY_COUNT": "many"}, "BEHIND_TLS_PROXY is set and TRUSTED_PROXY_COUNT is not"),
        ({"BEHIND_TLS_PROXY": ""}, "TRUSTED_PROXY_COUNT is set without BEHIND_TLS_PROXY"),
        ({"BEHIND_TLS_PROXY": "", "TRUSTED_PROXY_COUNT": "", "SECURE_SSL_REDIRECT": "0"}, "SECURE_SSL_REDIRECT is off"),
        ({"DATABASE_URL": "postgres://u:4f1c9b2e7a@db:5432/x"}, "DATABASE_URL leads to db without TLS"),
        ({"DATABASE_URL": "postgres://u:4f1c9b2e7a@10.0.0.5/x?sslmode=require"}, "DATABASE_URL leads to 10.0.0.5"),
        ({"DATABASE_URL": "postgres://u:postgres@db/x?sslmode=verify-full"}, "password in DATABASE_URL can be guessed"),
        ({"DATABASE_URL": "sqlite:///infactor.db"}, "infactor runs on PostgreSQL alone"),
        ({"DATABASE_URL": "postgres://u:p@db:none/x"}, "DATABASE_URL cannot be read"),
        ({"DATABASE_URL": "infactor"}, "DATABASE_URL cannot be read"),
        ({"REDIS_URL": "redis://:4f1c9b2e7a@10.0.0.6:6379/0"}, "REDIS_URL leads to 10.0.0.6 without TLS"),
        ({"REDIS_URL": "rediss://10.0.0.6:6379/0"}, "REDIS_URL has no password"),
        ({"REDIS_URL": "rediss://:4f1c9b2e7a@10.0.0.6/0?ssl_cert_reqs=none"}, "turns the check of the server's"),
        ({"REDIS_URL": "memcached://10.0.0.6"}, "REDIS_URL cannot be read"),
        ({"EMAIL_URL": "smtp://user:password@mail.infactor.com:25"}, "EMAIL_URL leads to mail.infactor.com"),
        ({"EMAIL_URL": "consolemail://"}, "which sends nothing"),
        ({"EMAIL_URL": "mail.infactor.com"}, "EMAIL_URL cannot be read"),
        (
            {"DEFAULT_FROM_EMAIL": "infactor <no-reply@infactor.example>"},
            "DEFAULT_FROM_EMAIL must be an address of yours",
        ),
        ({"SUPPORT_EMAIL": "support@example.com"}, "SUPPORT_EMAIL must be an address of yours"),
        ({"QUICKBOOKS_REDIRECT_URI": "http://app.infactor.com/quickbook/connect"}, "QUICKBOOKS_REDIRECT_URI must be"),
        ({"QUICKBOOKS_REDIRECT_URI": "https://app.infactor.com/connect"}, "QUICKBOOKS_REDIRECT_URI must be"),
        ({"QUICKBOOKS_REDIRECT_URI": "https://evil.com/quickbook/connect"}, "a host that ALLOWED_HOSTS does not name"),
        ({"QUICKBOOKS_WEBHOOK_VERIFIER": "infactor-local-verifier"}, "QUICKBOOKS_WEBHOOK_VERIFIER is published"),
        ({"QUICKBOOKS_CLIENT_SECRET": "infactor-local-secret"}, "QUICKBOOKS_CLIENT_SECRET is published"),
        ({"QUICKBOOKS_CLIENT_SECRET": ""}, "QUICKBOOKS_CLIENT_SECRET must be set with QUICKBOOKS_CLIENT_ID"),
        ({"QUICKBOOKS_CLIENT_ID": ""}, "QUICKBOOKS_CLIENT_ID must be set with QUICKBOOKS_CLIENT_SECRET"),
        ({"QUICKBOOKS_CLIENT_ID": "b7d1c2e9"}, "is the client id again"),
        ({"QUICKBOOKS_CLIENT_ID": "AB c1d2"}, "has a space"),
        ({"OAUTHLIB_INSECURE_TRANSPORT": "1"}, "would let tokens travel unencrypted"),
        ({"SENTRY_DSN": "http://key@sentry.infactor.com/1"}, "SENTRY_DSN is not https"),
        ({"LEAKED_PASSWORDS_FILE": "/no/such/file"}, "LEAKED_PASSWORDS_FILE names no file that infactor can read"),
        ({"DEBUG": "true"}, "DEBUG is set"),
    ],
)
def test_what_is_unsafe_is_named(unsafe: dict[str, str], named: str) -> None:
    (problem,) = problems({**SAFE, **unsafe})
    assert named in problem
