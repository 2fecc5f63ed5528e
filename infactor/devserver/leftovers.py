"""Finds and stops what a `make run` left behind that was killed before it could stop its processes."""

import os
from collections.abc import Callable
from pathlib import Path

import psutil

MARK = "INFACTOR_SUPERVISED_IN"  # in the environment of every process that `make run` starts: its data folder
PATIENCE = 10  # seconds to stop before they are killed


def mark(environment: dict[str, str], *, folder: Path) -> dict[str, str]:
    """`environment` for a process that the next `make run` on `folder` may stop."""
    return {**environment, MARK: str(folder)}


def stop(*, folder: Path) -> int:
    """Stop every process that a dead `make run` on `folder` has left, and return their number.

    The caller holds the lock of the folder, so no living `make run` owns them.
    """
    left = _find(folder)
    for process in left:
        _quietly(process.terminate)
    _, alive = psutil.wait_procs(left, timeout=PATIENCE)
    for process in {*alive, *_find(folder)}:  # a stopped parent may leave children behind
        _quietly(process.kill)
    psutil.wait_procs(alive, timeout=PATIENCE)
    return len(left)


def _find(folder: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(MARK) == str(folder):
                found.append(process)
        except (psutil.Error, OSError):  # another user's, or it has just ended
            continue
    return found


def _quietly(action: Callable[[], None]) -> None:
    try:
        action()
    except psutil.NoSuchProcess:
        return
