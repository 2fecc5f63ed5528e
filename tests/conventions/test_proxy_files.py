"""nginx.conf, Caddyfile, compose.yaml and the installation agree on what a proxy takes over from web processes."""

import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from infactor.banking.formats import records
from quickbooks_app.views import webhook

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = ROOT / "docs" / "operations"
NGINX = (OPERATIONS / "files" / "nginx.conf").read_text()
CADDY = (OPERATIONS / "files" / "Caddyfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
PROXY = COMPOSE["services"]["proxy"]
LARGEST = max(records.MAX_BYTES, webhook.MAX_BODY_BYTES)


def nginx_value(name: str) -> str:
    """The value of a directive that the server for https has once."""
    (value,) = re.findall(rf"^\s+{name} ([^;]+);", NGINX.rpartition("server {")[2], re.MULTILINE)
    return str(value)


def test_the_proxy_replaces_what_the_application_trusts_and_logs_no_secret_path() -> None:
    for header in ("Host", "X-Forwarded-Proto", "X-Forwarded-For"):
        assert f"proxy_set_header {header} " in NGINX
    log_format = NGINX.partition("log_format infactor")[2].partition(";")[0]
    assert "$infactor_logged_path" in log_format
    assert not re.search(r"\$(request|request_uri|uri|args|http_referer)\b", log_format)


def test_every_directive_that_the_installation_names_is_in_the_file() -> None:
    table = (OPERATIONS / "install.md").read_text().partition("| in nginx.conf |")[2].partition("\n\n")[0]
    named = {name for row in table.splitlines() if row for name in re.findall(r"`([a-z_]+)", row.split(" | ")[-1])}
    assert {"proxy_request_buffering", "limit_conn", "client_header_timeout"} <= named
    assert {
        name for name in named - {"keepalive", "upstream"} if not re.search(rf"^\s*{name} ", NGINX, re.MULTILINE)
    } == set()


@pytest.mark.parametrize(
    ("name", "most"), [("client_header_timeout", 10), ("client_body_timeout", 10), ("send_timeout", 30)]
)
def test_a_slow_client_is_ended(name: str, most: int) -> None:
    assert 0 < int(nginx_value(name).removesuffix("s")) <= most


def test_the_largest_webhook_and_bank_statement_pass() -> None:
    assert int(nginx_value("client_max_body_size").removesuffix("m")) * 1024**2 > LARGEST
    (caddys,) = re.findall(r"max_size (\d+)MB", CADDY)
    (buffered,) = re.findall(r"request_buffers (\d+)MB", CADDY)
    assert int(buffered) * 10**6 >= int(caddys) * 10**6 > LARGEST


def test_a_page_may_take_as_long_as_its_longest_query() -> None:
    (seconds,) = re.findall(r'"DATABASE_STATEMENT_SECONDS", "(\d+)"', (ROOT / "infactor" / "wsgi.py").read_text())
    assert int(nginx_value("proxy_read_timeout").removesuffix("s")) > int(seconds)


def test_webhooks_and_probes_are_not_counted_by_address() -> None:
    counted = NGINX.partition("map $uri $infactor_client {")[2].partition("}")[0]
    webhooks, probe = re.findall(r'(\S+)\s+"";', counted)
    assert probe == "/healthz"
    for address in ("/quickbook/webhook", "/quickbook/webhook/0f8fad5b-d9cb-469f-a165-70867728950e"):
        assert re.search(webhooks.removeprefix("~"), address)
        assert re.search(settings.SECURE_REDIRECT_EXEMPT[0], address.lstrip("/"))
    assert not re.search(webhooks.removeprefix("~"), "/quickbook/webhooks")
    assert f"location ~ {webhooks.removeprefix('~')} {{ return 403; }}" in NGINX


def test_caddy_buffers_both_ways_and_ends_slow_heads() -> None:
    for name in ("request_buffers", "response_buffers", "read_header", "read_body", "idle"):
        assert re.search(rf"^\s+{name} \d+", CADDY, re.MULTILINE)
    assert "trusted_proxies" not in re.sub(r"#.*", "", CADDY)


def test_compose_publishes_the_proxy_alone_beyond_this_host() -> None:
    published = {(name, port) for name, service in COMPOSE["services"].items() for port in service.get("ports", [])}
    assert {(name, port) for name, port in published if not port.startswith("127.0.0.1:")} == {
        ("proxy", "80:80"),
        ("proxy", "443:443"),
    }
    assert "ports" not in COMPOSE["services"]["web"]


def test_compose_runs_nginx_with_the_documented_file() -> None:
    assert re.fullmatch(r"nginx:\d+\.\d+", PROXY["image"])
    assert "./docs/operations/files/nginx.conf:/infactor.conf:ro" in PROXY["volumes"]
    assert any(volume.endswith(":/etc/ssl/infactor:ro") for volume in PROXY["volumes"])
    assert COMPOSE["services"]["web"]["environment"]["TRUSTED_PROXY_COUNT"] == "1"
    named = {
        volume.partition(":")[0] for service in COMPOSE["services"].values() for volume in service.get("volumes", [])
    }
    assert {name for name in named if name[0] not in "./$"} == set(COMPOSE["volumes"])


def test_what_compose_replaces_in_the_file_is_there() -> None:
    script = PROXY["command"][-1].replace("\\", "")
    assert "s/infactor.example/" in script
    assert "infactor.example" in NGINX


def test_web_listens_on_a_file_that_the_proxy_alone_shares() -> None:
    folder, web = "/run/infactor-web", COMPOSE["services"]["web"]
    assert f"proxy_pass http://unix:{folder}/socket;" in NGINX
    assert f"reverse_proxy unix/{folder}/socket {{" in CADDY
    assert web["command"][web["command"].index("--bind") + 1] == f"unix:{folder}/socket"
    sharing = {name for name, one in COMPOSE["services"].items() if f"web-socket:{folder}" in one.get("volumes", [])}
    assert sharing == {"web", "proxy"}
    unit = (OPERATIONS / "files" / "infactor-web.service").read_text()
    for line in (f"--bind unix:{folder}/socket --umask 7 ", "Group=infactor-web\n", "RuntimeDirectoryMode=0750\n"):
        assert line in unit
