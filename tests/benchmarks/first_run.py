"""`make measure-first-run`: how long a new supplier takes from sign-up to the first import, on an infactor of its own.

Prints clicks, fields and seconds by step. The limit is two minutes, and exit_code.py says how the command ends. With
`--address` and `--var-dir` it is an infactor that runs already, as of `make run`; its QuickBooks company must be free.
"""

import argparse
import os
import sys
import tempfile
import uuid
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.benchmarks.exit_code import exit_code
from tests.support.processes.devserver import DevServer
from tests.support.processes.programs import chromium
from tests.support.scenarios.first_run import play, report

LIMIT = 120  # seconds


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.first_run", description=__doc__)
    parser.add_argument("--address", default="", help="of an infactor that runs already")
    parser.add_argument("--var-dir", type=Path, default=Path("var"), help="its data folder, for the mail")
    parser.add_argument("--company", default="", help="the QuickBooks company to connect; default: the first one")
    options = parser.parse_args()
    with ExitStack() as stack:
        address, var_dir = options.address, options.var_dir
        if not address:
            server = DevServer(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="infactor-first-run-"))))
            stack.callback(server.stop)
            server.start()
            address, var_dir = server.address, server.folder / "var"
        load = os.getloadavg()[0]
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        stack.callback(browser.close)
        run = play(
            browser.new_context(viewport={"width": 1280, "height": 800}),
            address=address,
            mails=var_dir / "mail",
            company=options.company,
            email=f"rosa.{uuid.uuid4().hex[:6]}@larkspur.example",
        )
        print(f"{os.cpu_count()} cores at a load of {load:.1f}\n{report(run)}")
    return exit_code([] if run.seconds < LIMIT else [f"{run.seconds:.0f} seconds, over {LIMIT}"])


if __name__ == "__main__":
    sys.exit(main())
