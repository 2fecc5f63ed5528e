"""`make run` survives the death of its parts, cleans up after its own, and keeps its data from other users.

The tests share one infactor and run in order, because starting it takes longer than any of them.
"""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from tests.support.processes.devserver import ROOT, DevServer
from tests.support.processes.folders import temporary_folder
from tests.support.processes.workers import until


@pytest.fixture(scope="module")
def infactor() -> Iterator[DevServer]:
    with temporary_folder() as folder:
        server = DevServer(folder)
        server.environment |= {"DEMO_FINANCING": "0"}
        server.migrate_ahead()
        server.start()
        yield server
        assert server.stop() == 0
        assert server.leftovers() == []


def process_of(infactor: DevServer, *words: str) -> psutil.Process | None:
    """The oldest process of this infactor with all `words` in its command line."""
    mine = []
    for process in psutil.process_iter(["cmdline", "create_time"]):
        line = " ".join(process.info["cmdline"] or [])
        if all(word in line for word in words) and folder_of(process) == str(infactor.folder / "var"):
            mine.append(process)
    return min(mine, key=lambda one: one.info["create_time"], default=None)


def folder_of(process: psutil.Process) -> str:
    try:
        return str(process.environ().get("VAR_DIR", ""))
    except psutil.Error:
        return ""


def answers(infactor: DevServer, path: str = "/healthz") -> Any:
    try:
        return requests.get(f"{infactor.address}{path}", timeout=10)
    except requests.ConnectionError:
        return None


def test_killed_processes_start_again_and_take_no_other_down(infactor: DevServer) -> None:
    words = {"worker": ("celery", "worker"), "beat": ("celery", "beat"), "web": ("gunicorn",), "sandbox": ("sandbox",)}
    before = {name: until(lambda: process_of(infactor, *words[name]), what=name) for name in words}  # noqa: B023
    for name in ("worker", "beat", "web"):
        before[name].kill()
    for name in ("worker", "beat", "web"):
        ended, started = f"{name} ended (rc=-9); it starts again in 1 s", f"{name} started"
        until(lambda: infactor.printed.partition(ended)[2].count(started), what=f"another {name}")  # noqa: B023
    until(lambda: (found := answers(infactor)) and found.status_code == 200, what="an answer of web")
    assert process_of(infactor, *words["sandbox"]) == before["sandbox"]


def test_a_killed_postgresql_is_started_again(infactor: DevServer) -> None:
    pid = (infactor.folder / "var" / "postgres" / "postmaster.pid").read_text().splitlines()[0]
    psutil.Process(int(pid)).kill()
    until(lambda: "PostgreSQL had ended and was started again" in infactor.printed, what="PostgreSQL")
    until(lambda: (found := answers(infactor)) and found.status_code == 200, what="an answer of web")
    assert answers(infactor, "/accounts/login/").status_code == 200


def test_other_users_cannot_list_the_data_nor_read_a_mail(infactor: DevServer) -> None:
    with requests.Session() as visitor:
        visitor.get(f"{infactor.address}/accounts/password/reset/", timeout=10)
        token = next(value for name, value in visitor.cookies.items() if "csrf" in name)
        visitor.post(
            f"{infactor.address}/accounts/password/reset/",
            data={"email": "supplier@infactor.test", "csrfmiddlewaretoken": token},
            timeout=10,
        ).raise_for_status()
    folder = infactor.folder / "var"
    mail: Path = until(lambda: next((folder / "mail").glob("*.eml"), None), what="the mail with the link")
    group_and_others = stat.S_IRWXG | stat.S_IRWXO
    # Started as root, PostgreSQL runs as another user, who must pass through the folder.
    passing = stat.S_IXGRP | stat.S_IXOTH if os.geteuid() == 0 else 0
    assert folder.stat().st_mode & group_and_others == passing
    for private in (folder / "mail", mail, folder / "broker", folder / "demo-logins.txt"):
        assert private.stat().st_mode & group_and_others == 0, private


def test_the_next_start_stops_what_a_killed_one_has_left(infactor: DevServer) -> None:
    infactor.kill()
    assert process_of(infactor, "gunicorn") is not None
    infactor.start()
    assert "processes of an infactor that was killed" in infactor.printed
    assert answers(infactor).status_code == 200


def test_a_start_that_is_told_to_stop_leaves_nothing_running(data_folder: Path) -> None:
    server = DevServer(data_folder)
    with subprocess.Popen(
        [sys.executable, "-m", "infactor.devserver", "run"],
        cwd=ROOT,
        env=server.environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        next(line for line in process.stdout if line.startswith("Creating or updating the database"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=300) == 0
    assert server.leftovers() == []
