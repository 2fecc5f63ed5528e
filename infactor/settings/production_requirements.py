"""What production refuses to start with: published or weak secrets, open hosts, and unencrypted connections.

`problems` reads the environment as text, so that each sentence names the variable that somebody must change, and says
how. It shows no value: settings are logged wherever a process fails to start.
"""

import ipaddress
import os
import re
from collections.abc import Iterator, Mapping
from urllib.parse import SplitResult, parse_qs, urlsplit

MIN_SECRET_LENGTH = 32  # characters; the commands that example.env names make 44 and more
MIN_UNIQUE_CHARACTERS = 10
SECRETS = (
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "FIELD_ENCRYPTION_KEYS",
    "FINGERPRINT_KEY",
    "FINGERPRINT_KEY_FALLBACKS",
    "OPERATOR_TOKEN",
)
# Parts of secrets that stand in this repository, in Django's own template, or in examples anywhere.
PUBLISHED = re.compile(
    r"local-only|bG9jYWwtbW9kZS1vbmx5|django-insecure|infactor-local|change-?me|example", re.IGNORECASE
)
WEAK_PASSWORDS = frozenset(
    {"", "admin", "changeme", "guest", "infactor", "letmein", "pass", "password", "postgres", "redis", "root", "secret"}
)
TOP_LEVEL_DOMAIN = r"\.[^.]*"
CALLBACK = "/quickbook/connect"
ENCRYPTED_POSTGRES = "verify-full"
ENCRYPTED_SMTP = ("smtp+tls", "smtp+ssl", "smtps")
TLS_SCHEMES = ("rediss",)
NOT_SENDING = ("consolemail", "filemail", "memorymail", "dummymail")
SAMPLE_HOSTS = re.compile(r"(^|\.)(example|invalid|test|example\.(com|net|org)|YOUR-HOST)$", re.IGNORECASE)


def problems(environment: Mapping[str, str]) -> list[str]:
    """A sentence for each setting that is unsafe in production; empty if infactor may start."""
    trusted = _list(environment, "PRIVATE_HOSTS")
    return [
        *_secrets(environment),
        *_hosts(environment),
        *_proxy(environment),
        *_database(environment, trusted=trusted),
        *_redis(environment, trusted=trusted),
        *_email(environment, trusted=trusted),
        *_quickbooks(environment),
        *_error_reports(environment),
        *_leaked_passwords(environment),
        *_development(environment),
    ]


def database_problems(environment: Mapping[str, str]) -> list[str]:
    """The same for DATABASE_URL alone, for a process that has nothing else."""
    return list(_database(environment, trusted=_list(environment, "PRIVATE_HOSTS")))


def _secrets(environment: Mapping[str, str]) -> Iterator[str]:
    for name in SECRETS:
        values = _list(environment, name)
        for position, value in enumerate(values, start=1):
            subject = f"key {position} of {name}" if len(values) > 1 else name
            if PUBLISHED.search(value):
                yield f"{subject} is published in this repository. Make a new one, as example.env describes."
            elif len(value) < MIN_SECRET_LENGTH or len(set(value)) < MIN_UNIQUE_CHARACTERS:
                yield (
                    f"{subject} can be guessed: it needs {MIN_SECRET_LENGTH} random characters or more. "
                    "example.env names the command that makes one."
                )
    keys = [
        value
        for name in ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "FINGERPRINT_KEY")
        for value in _list(environment, name)
    ]
    if len(set(keys)) < len(keys):
        yield "the same key stands in two settings. Make one for each: who learns one must not learn the other."


def _hosts(environment: Mapping[str, str]) -> Iterator[str]:
    for host in _list(environment, "ALLOWED_HOSTS"):
        if "*" in host or re.fullmatch(TOP_LEVEL_DOMAIN, host):
            yield f"ALLOWED_HOSTS contains {host!r}, which lets others' hosts in. Name each host in full."
        elif "/" in host or ":" in host:
            yield f"ALLOWED_HOSTS contains {host!r}. Write the host name alone, without scheme and port."


def _proxy(environment: Mapping[str, str]) -> Iterator[str]:
    count = environment.get("TRUSTED_PROXY_COUNT", "")
    behind = _is_true(environment.get("BEHIND_TLS_PROXY", ""))
    if behind and not (count.isdigit() and int(count) > 0):
        yield (
            "BEHIND_TLS_PROXY is set and TRUSTED_PROXY_COUNT is not. Set it to the number of proxies that a request "
            "passes, usually 1: without it, all visitors look like one."
        )
    if not behind and not _is_true(environment.get("SECURE_SSL_REDIRECT", "1")):
        yield "SECURE_SSL_REDIRECT is off, and no proxy ends TLS (BEHIND_TLS_PROXY): pages would travel unencrypted."
    if not behind and count not in ("", "0"):
        yield "TRUSTED_PROXY_COUNT is set without BEHIND_TLS_PROXY: anybody could name any address as theirs."


def _database(environment: Mapping[str, str], *, trusted: list[str]) -> Iterator[str]:
    address = _split(environment.get("DATABASE_URL", ""))
    if address is None:
        yield "DATABASE_URL cannot be read. Its form: postgres://user:password@host:5432/name."
        return
    if not address.scheme.startswith(("postgres", "pgsql")):
        yield f"DATABASE_URL leads to {address.scheme!r}. infactor runs on PostgreSQL alone."
    host = address.hostname or ""
    if _is_local(host):
        return
    if (address.password or "").lower() in WEAK_PASSWORDS:
        yield "the password in DATABASE_URL can be guessed. Set a long random one."
    if host not in trusted and parse_qs(address.query).get("sslmode", [""])[-1] != ENCRYPTED_POSTGRES:
        yield _unencrypted("DATABASE_URL", host, f"end it with ?sslmode={ENCRYPTED_POSTGRES}")


def _redis(environment: Mapping[str, str], *, trusted: list[str]) -> Iterator[str]:
    address = _split(environment.get("REDIS_URL", ""))
    if address is None or not address.scheme.startswith(("redis", "unix")):
        yield "REDIS_URL cannot be read. Its form: redis://host:6379/0, or rediss:// for TLS."
        return
    host = address.hostname or ""
    if address.scheme.startswith("unix") or _is_local(host) or host in trusted:
        return
    if address.scheme not in TLS_SCHEMES:
        yield _unencrypted("REDIS_URL", host, "begin it with rediss://")
    if (address.password or "").lower() in WEAK_PASSWORDS:
        yield "REDIS_URL has no password, or one that can be guessed. Set a long random one."
    if parse_qs(address.query).get("ssl_cert_reqs", ["required"])[-1].lower() not in ("required", "cert_required"):
        yield "REDIS_URL turns the check of the server's certificate off. Remove ssl_cert_reqs."


def _email(environment: Mapping[str, str], *, trusted: list[str]) -> Iterator[str]:
    address = _split(environment.get("EMAIL_URL", ""))
    if address is None or not address.scheme:
        yield "EMAIL_URL cannot be read. Its form: smtp+tls://user:password@host:587."
    elif address.scheme in NOT_SENDING:
        yield f"EMAIL_URL is {address.scheme}://, which sends nothing. Name a mail server: smtp+tls://user:password@host:587."
    elif (
        address.scheme not in ENCRYPTED_SMTP
        and not _is_local(address.hostname or "")
        and address.hostname not in trusted
    ):
        yield _unencrypted("EMAIL_URL", address.hostname or "", "begin it with smtp+tls:// or smtp+ssl://")
    for name in ("DEFAULT_FROM_EMAIL", "SUPPORT_EMAIL"):
        host = environment.get(name, "").rstrip("> ").rpartition("@")[2]
        if not host or SAMPLE_HOSTS.search(host):
            yield f"{name} must be an address of yours: people answer to it."


def _quickbooks(environment: Mapping[str, str]) -> Iterator[str]:
    redirect = _split(environment.get("QUICKBOOKS_REDIRECT_URI", ""))
    hosts = _list(environment, "ALLOWED_HOSTS")
    if redirect is None or redirect.scheme != "https" or redirect.path != CALLBACK or redirect.query:
        yield f"QUICKBOOKS_REDIRECT_URI must be https://YOUR-HOST{CALLBACK}, as it is registered at Intuit."
    elif not any(_matches(redirect.hostname or "", host) for host in hosts):
        yield "QUICKBOOKS_REDIRECT_URI leads to a host that ALLOWED_HOSTS does not name."
    verifier = environment.get("QUICKBOOKS_WEBHOOK_VERIFIER", "")
    if verifier and PUBLISHED.search(verifier):
        yield "QUICKBOOKS_WEBHOOK_VERIFIER is published in this repository: anybody could sign webhooks."
    client_id, secret = (environment.get(f"QUICKBOOKS_CLIENT_{name}", "") for name in ("ID", "SECRET"))
    if PUBLISHED.search(secret):
        yield "QUICKBOOKS_CLIENT_SECRET is published in this repository. Use that of your app at Intuit."
    if bool(client_id) != bool(secret):
        missing, other = ("SECRET", "ID") if client_id else ("ID", "SECRET")
        yield (
            f"QUICKBOOKS_CLIENT_{missing} must be set with QUICKBOOKS_CLIENT_{other}. Leave both out to keep keys in "
            "admin, under Integrations."
        )
    if client_id and client_id == secret:
        yield "QUICKBOOKS_CLIENT_SECRET is the client id again. Copy the Client Secret of your app at Intuit."
    if any(sign.isspace() for sign in client_id + secret):
        yield "QUICKBOOKS_CLIENT_ID or QUICKBOOKS_CLIENT_SECRET has a space. Copy it again at Intuit."


def _error_reports(environment: Mapping[str, str]) -> Iterator[str]:
    address = _split(environment.get("SENTRY_DSN", "")) if environment.get("SENTRY_DSN") else None
    if address is not None and address.scheme != "https" and not _is_local(address.hostname or ""):
        yield "SENTRY_DSN is not https: reports of errors would travel unencrypted."


def _leaked_passwords(environment: Mapping[str, str]) -> Iterator[str]:
    file = environment.get("LEAKED_PASSWORDS_FILE", "")
    if file and not os.access(file, os.R_OK):
        yield "LEAKED_PASSWORDS_FILE names no file that infactor can read: nobody could set a password."


def _development(environment: Mapping[str, str]) -> Iterator[str]:
    if environment.get("OAUTHLIB_INSECURE_TRANSPORT"):
        yield "OAUTHLIB_INSECURE_TRANSPORT is set, and would let tokens travel unencrypted. Remove it."
    if _is_true(environment.get("DEBUG", "")):
        yield "DEBUG is set. Error pages would show settings and data to anybody. Remove it."


def _unencrypted(name: str, host: str, remedy: str) -> str:
    return (
        f"{name} leads to {host} without TLS that proves who answers: {remedy}. Where nobody else can listen between "
        f"the two (containers on one machine), add {host} to PRIVATE_HOSTS."
    )


def _matches(host: str, allowed: str) -> bool:
    return host == allowed or (allowed.startswith(".") and (host.endswith(allowed) or host == allowed[1:]))


def _is_local(host: str) -> bool:
    """Whether `host` is this machine. An empty one is a socket file."""
    if host in ("", "localhost") or host.startswith(("/", "%2f", "%2F")):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _ = parts.port  # a port that is no number is found here only
    except ValueError:
        return None
    return parts if parts.scheme else None


def _list(environment: Mapping[str, str], name: str) -> list[str]:
    return [value.strip() for value in environment.get(name, "").split(",") if value.strip()]


def _is_true(value: str) -> bool:
    return value.strip().lower() in ("1", "true", "yes", "on", "y", "ok")
