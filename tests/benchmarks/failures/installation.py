"""A whole infactor with PostgreSQL, Redis, a mail server and QuickBooks, each behind a switch."""

import json
import shutil
import subprocess
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import requests

from infactor.embedded_postgres import embedded_server
from tests.benchmarks.failures.mail_server import MailServer
from tests.benchmarks.failures.switch import Switch, tcp, unix
from tests.support.processes.devserver import DevServer
from tests.support.processes.ports import free_ports

PASSWORD = "try-infactor-today"
SETTINGS = "tests.benchmarks.failures.settings"
DISK_MB = 500


class Installation:
    """Runs `make run` on parts of its own. `small_disk` tells whether PostgreSQL has a disk that can be filled."""

    def __init__(self, folder: Path) -> None:
        self.stack = ExitStack()
        self.folder = folder
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def _start(self) -> None:
        disk = self.folder / "disk"
        disk.mkdir()
        self.small_disk = self._mount(disk)
        self.database = self.stack.enter_context(embedded_server(data=disk / "postgres"))
        self._disk = disk
        self.redis_port = self._start_redis()
        self.mail = MailServer()
        self.infactor = DevServer(self.folder)
        self.parts = {
            "PostgreSQL": Switch(unix(self._socket_of_database())),
            "Redis": Switch(tcp(self.redis_port)),
            "mail server": Switch(tcp(self.mail.port)),
            "QuickBooks": Switch(tcp(self.infactor.sandbox_port)),
        }
        self.infactor.environment |= {
            "DATABASE_URL": f"postgres://postgres@127.0.0.1:{self.parts['PostgreSQL'].port}/infactor",
            "REDIS_URL": f"redis://127.0.0.1:{self.parts['Redis'].port}/0",
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "DRILL_MAIL_PORT": str(self.parts["mail server"].port),
            "DRILL_QUICKBOOKS_PORT": str(self.parts["QuickBooks"].port),
            "DEMO_FINANCING": "0",
        }
        self.infactor.start()
        self.stack.callback(self.infactor.stop)

    def sign_in(self, session: requests.Session, email: str) -> None:
        """Sign in as a demo account."""
        self.post(session, "/accounts/login/", login=email, password=PASSWORD)

    def post(self, session: requests.Session, path: str, **form: str) -> requests.Response:
        """Submit a form, with the token of its cookie."""
        if not (token := self._token(session)):
            session.get(f"{self.infactor.address}/accounts/login/", timeout=60)
            token = self._token(session)
        form["csrfmiddlewaretoken"] = token
        return session.post(f"{self.infactor.address}{path}", data=form, timeout=120, allow_redirects=False)

    def connect_quickbooks(self) -> None:
        """Store a connection to the sandbox's company for the demo supplier, without the consent pages."""
        from django.utils import timezone

        from infactor.suppliers.models import Supplier
        from tests.support.factories.quickbooks import ConnectionFactory
        from tests.support.factories.suppliers import CompanyFileFactory

        given = json.loads(self.infactor.sandbox("credentials"))
        supplier = Supplier.objects.get(members__email="supplier@infactor.test")
        ConnectionFactory(
            company_file=CompanyFileFactory(supplier=supplier),
            realm_id=given["realm_id"],
            access_token=given["access_token"],
            access_token_expires_at=timezone.now() + timedelta(hours=1),
            refresh_token=given["refresh_token"],
            connected_at=timezone.now(),
        )

    def kill(self, *names: str) -> None:
        """Kill processes of the Procfile without warning."""
        words = {
            "worker": "celery -A infactor --quiet worker",
            "beat": "celery -A infactor --quiet beat",
            "web": "gunicorn",
        }
        for process in psutil.process_iter(["cmdline"]):
            line = " ".join(process.info["cmdline"] or [])
            if any(words[name] in line for name in names) and self._is_mine(process):
                process.kill()

    def fill_disk(self) -> None:
        """Leave the disk of the database without a free byte."""
        with (self._disk / "filler").open("wb", buffering=0) as filler, suppress(OSError):
            while True:
                filler.write(bytes(4096))

    def free_disk(self) -> None:
        (self._disk / "filler").unlink(missing_ok=True)
        self.database.revive()  # PostgreSQL may have ended, as it does when it cannot write its log

    def close(self) -> None:
        self.stack.close()

    def _is_mine(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get("VAR_DIR") == str(self.folder / "var")
        except psutil.Error:
            return False

    @staticmethod
    def _token(session: requests.Session) -> str:
        return next((str(cookie.value) for cookie in session.cookies if "csrf" in cookie.name), "")

    def _mount(self, disk: Path) -> bool:
        """Give the folder a disk of its own in memory, where this user may."""
        mount, umount = shutil.which("mount"), shutil.which("umount")
        command = [str(mount), "-t", "tmpfs", "-o", f"size={DISK_MB}m", "none", str(disk)]
        if not mount or not umount or subprocess.run(command, capture_output=True, check=False).returncode:
            return False
        self.stack.callback(subprocess.run, [umount, "--lazy", str(disk)], check=False)
        return True

    def _start_redis(self) -> int:
        (port,) = free_ports(1)
        command = [
            str(shutil.which("redis-server")),
            "--port",
            str(port),
            "--dir",
            str(self.folder),
            "--appendonly",
            "yes",
        ]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self.stack.callback(process.wait)
        self.stack.callback(process.terminate)
        return port

    def _socket_of_database(self) -> str:
        return parse_qs(urlsplit(self.database.url).query)["host"][0] + "/.s.PGSQL.5432"
