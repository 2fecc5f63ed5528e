"""Processor time of processes and of the PostgreSQL server: unlike wall time, it hardly depends on other load."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def spent() -> float:
    """Seconds of processor time so far, of this process and of the whole server that Django is connected to."""
    return time.process_time() + of_family(postmaster())


def postmaster() -> int:
    """The process id of the server, which runs on this machine."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    return int(_stat(Path(f"/proc/{backend}"))[1])


def of_family(parent: int) -> float:
    """Seconds of a process with its former children, and of each child that it has now."""
    return sum(_seconds(parent))


def _seconds(parent: int) -> Iterator[float]:
    yield sum(map(int, _stat(Path(f"/proc/{parent}"))[11:15])) / TICKS
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = _stat(folder)
        except (FileNotFoundError, ProcessLookupError):  # it has just ended
            continue
        if int(fields[1]) == parent:
            yield sum(map(int, fields[11:13])) / TICKS


def _stat(folder: Path) -> list[str]:
    """The fields of /proc/PID/stat from the state on. 1 is the parent; 11 to 14 are times of it and its children."""
    return (folder / "stat").read_text().rpartition(")")[2].split()
