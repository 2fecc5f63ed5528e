"""infactor as it runs in production: nginx with the documented file, gunicorn as compose.yaml starts it, and Redis.

Nothing leaves this machine: no worker runs, and web processes call nobody unless a page is asked that does.
"""

import getpass
import os
import shlex
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml
from cryptography import x509
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.processes.devserver import ROOT
from tests.support.processes.ports import free_ports
from tests.support.processes.programs import find_program

HOST = "infactor.example"
CONFIGURATION = ROOT / "docs" / "operations" / "files" / "nginx.conf"
COOKIE = "__Host-sessionid"
# What a package installation decides: where nginx writes, as whom it runs.
MAIN = """
{user} pid {folder}/nginx.pid; error_log {folder}/nginx-error.log; daemon off; worker_processes 1;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/infactor.conf;
}}
"""


class ProductionSite:
    """The processes on one database. Whoever makes cookies and rows for them needs `secrets` in its own settings."""

    def __init__(self, folder: Path, *, database: str) -> None:
        self.folder = folder
        self.port, redis_port, plain_port = free_ports(3)
        self.socket_file = folder / "web.socket"
        self._redis_port, self._plain_port = redis_port, plain_port
        self._processes: list[subprocess.Popen[bytes]] = []
        self.secrets = {
            "SECRET_KEY": Fernet.generate_key().decode(),
            "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "FINGERPRINT_KEY": Fernet.generate_key().decode(),
            "QUICKBOOKS_WEBHOOK_VERIFIER": Fernet.generate_key().decode(),
        }
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        self.environment = {
            **inherited,
            **self.secrets,
            "DJANGO_SETTINGS_MODULE": "infactor.settings.production",
            "VAR_DIR": str(folder),
            "DATABASE_URL": database,
            "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
            "ALLOWED_HOSTS": HOST,
            "BEHIND_TLS_PROXY": "1",
            "TRUSTED_PROXY_COUNT": "1",
            "QUICKBOOKS_ENVIRONMENT": "production",
            "QUICKBOOKS_CLIENT_ID": "client",
            "QUICKBOOKS_CLIENT_SECRET": Fernet.generate_key().decode(),
            "QUICKBOOKS_REDIRECT_URI": f"https://{HOST}/quickbook/connect",
            "EMAIL_URL": "smtp://127.0.0.1:9",
            "DEFAULT_FROM_EMAIL": "no-reply@infactor.dev",
            "SUPPORT_EMAIL": "support@infactor.dev",
            **dict.fromkeys(("PAY_TO_HOLDER", "PAY_TO_BANK", "PAY_TO_ACCOUNT", "PAY_TO_ROUTING"), "1"),
        }

    def start(self, *, workers: int | None = None) -> None:
        """Start everything, and wait for an answer. `workers` is the number of web processes, if not compose.yaml's."""
        self._start("redis-server", "--port", str(self._redis_port), "--save", "", "--appendonly", "no")
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"],
            cwd=ROOT,
            env=self.environment,
            check=True,
        )
        self._start(sys.executable, "-m", *self._web_command(workers))
        self._write_configuration()
        checked = subprocess.run(self._nginx("-t"), capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr
        self._start(*self._nginx())
        self._wait()

    def get(self, path: str, *, timeout: float = 60, headers: dict[str, str] | None = None) -> int:
        """The status of a page."""
        asked = urllib.request.Request(
            f"https://127.0.0.1:{self.port}{path}", headers={"Host": HOST, **(headers or {})}
        )
        return self._status(asked, timeout)

    def post(self, path: str, body: bytes, *, headers: dict[str, str], timeout: float = 60) -> int:
        """The status of the response to `body`."""
        address = f"https://127.0.0.1:{self.port}{path}"
        asked = urllib.request.Request(address, data=body, headers={"Host": HOST, **headers})
        return self._status(asked, timeout)

    def connect(self) -> ssl.SSLSocket:
        """A connection to nginx on which nothing was sent."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        return trusting().wrap_socket(plain, server_hostname=HOST)

    def close(self) -> None:
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            process.wait(timeout=60)

    def _status(self, asked: urllib.request.Request, timeout: float) -> int:
        try:
            with urllib.request.urlopen(asked, timeout=timeout, context=trusting()) as answer:  # noqa: S310  our own site
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    def _web_command(self, workers: int | None) -> list[str]:
        command = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["web"]["command"]
        own = {"--bind": f"unix:{self.socket_file}", "--worker-tmp-dir": str(self.folder)}
        if workers:
            own["--workers"] = str(workers)
        for option, value in own.items():
            command[command.index(option) + 1] = value
        return [str(argument) for argument in command]

    def _write_configuration(self) -> None:
        """The documented file, with the ports and paths of this site, and patient with slow clients."""
        text = CONFIGURATION.read_text()
        for old, new in {
            "listen 80;": f"listen 127.0.0.1:{self._plain_port};",
            "listen 443 ssl;": f"listen 127.0.0.1:{self.port} ssl;",
            "listen [::]:80;": "",
            "listen [::]:443 ssl;": "",
            "/run/infactor-web/socket": str(self.socket_file),
            "/etc/ssl/infactor": str(self.folder),
            "/var/log/nginx": str(self.folder),
            # Whether a slow client holds a thread must not depend on how soon nginx ends it.
            "client_header_timeout 10s;": "client_header_timeout 10m;",
            "client_body_timeout 10s;": "client_body_timeout 10m;",
            "send_timeout 30s;": "send_timeout 10m;",
        }.items():
            assert old in text, f"{CONFIGURATION.name} no longer says {old}"
            text = text.replace(old, new)
        (self.folder / "infactor.conf").write_text(text)
        user = f"user {getpass.getuser()};" if os.getuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(MAIN.format(folder=self.folder, user=user))
        _write_certificate(self.folder)

    def _nginx(self, *arguments: str) -> list[str]:
        return [str(find_program("nginx")), "-c", str(self.folder / "nginx.conf"), *arguments]

    def _start(self, *command: str) -> None:
        with (self.folder / "processes.log").open("ab") as log:
            self._processes.append(
                subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT)
            )

    def _wait(self) -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                if self.get("/healthz", timeout=5) == 200:
                    return
            except OSError:
                pass
            ended = [shlex.join(process.args) for process in self._processes if process.poll() is not None]  # type: ignore[arg-type]
            assert not ended, f"{ended} ended:\n{(self.folder / 'processes.log').read_text()[-4000:]}"
            time.sleep(0.1)
        raise AssertionError(f"The site did not answer:\n{(self.folder / 'processes.log').read_text()[-4000:]}")


def trusting() -> ssl.SSLContext:
    """Accepts the certificate that `_write_certificate` made."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _write_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
