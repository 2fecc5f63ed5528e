"""The licences of the packages that production runs, as a page of the documentation."""

import re
import sys
from importlib.metadata import distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==\S+((?: ;.*)?)", re.MULTILINE)
HEAD = """# Licences

Of every package that production runs (`requirements.txt`). `make licences` writes this page. A test refuses a licence
that asks to publish infactor's own code.

| package | licence |
| --- | --- |
"""


def packages() -> list[str]:
    """The names of the locked packages, without those that only some platforms or versions of Python need."""
    return sorted(name for name, marker in PINNED.findall((ROOT / "requirements.txt").read_text()) if not marker)


def licence(name: str) -> str:
    """The SPDX expression of a package, or what its classifiers say, or the first line of its licence."""
    about = distribution(name).metadata
    if expression := about.get("License-Expression"):
        return str(expression)
    named = [line.rpartition(" :: ")[2] for line in about.get_all("Classifier", []) if line.startswith("License ::")]
    named = [one for one in named if one not in ("OSI Approved", "Other/Proprietary License")]
    return "; ".join(sorted(named)) or str(about.get("License", "")).strip().splitlines()[0]


def page() -> str:
    return HEAD + "".join(f"| {name} | {licence(name)} |\n" for name in packages())


if __name__ == "__main__":
    sys.stdout.write(page())
