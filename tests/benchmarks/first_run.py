"""How long a new supplier takes from sign-up to the first import: `make measure-first-run`, beside `make run`.

Prints clicks, fields and seconds by step, and fails above two minutes. The local QuickBooks company must be free: start
`make run` on a new data folder.
"""

import argparse
import shutil
import sys
import uuid
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.support.scenarios.first_run import play, report

LIMIT = 120  # seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", default="http://localhost:3000", help="where infactor runs")
    parser.add_argument("--var-dir", type=Path, default=Path("var"), help="its data folder, for the mail")
    parser.add_argument("--company", default="", help="the QuickBooks company to connect; default: the first one")
    options = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        run = play(
            context,
            address=options.address,
            mails=options.var_dir / "mail",
            company=options.company,
            email=f"rosa.{uuid.uuid4().hex[:6]}@larkspur.example",
        )
        browser.close()
    print(report(run))
    return 0 if run.seconds < LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
