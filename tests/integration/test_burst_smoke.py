"""`make burst` on a small scale: real gunicorn, real worker, every event answered and followed in few calls."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_small_burst_is_answered_and_followed_in_fewer_reads_than_events() -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "VAR_DIR")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.webhooks", "--events=300", "--objects=40"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert re.search(r"answered 200 +300 of 300\n", done.stdout)
    assert re.search(r"kept +300 events: \{'handled': 300\}\n", done.stdout)
    found = re.search(r"read again +40 invoices in (\d+) calls", done.stdout)
    assert found
    assert int(found[1]) <= 6
