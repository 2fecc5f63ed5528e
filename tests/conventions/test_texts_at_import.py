"""No text is translated while a module is imported: it would be in the language of the process, not of the reader."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NO_WORDS = ("infactor",)  # names that no language translates
# Imports every module of ours, and prints where a text is translated at once.
IMPORT_EVERYTHING = """
import importlib, pkgutil, sys, traceback
from django.utils import translation

def recorded(name, original):
    def translate(*args, **kwargs):
        ours = [one for one in traceback.extract_stack()[:-1] if one.filename.startswith(sys.argv[1] + "/")]
        ours = [one for one in ours if ".venv" not in one.filename]
        if ours:
            print(f"{ours[-1].filename}:{ours[-1].lineno} {name}({args or kwargs})")
        return original(*args, **kwargs)
    return translate

for name in ("gettext", "ngettext", "pgettext", "npgettext"):
    setattr(translation, name, recorded(name, getattr(translation, name)))
import django
django.setup()
count = 0
for package in (importlib.import_module("infactor"), importlib.import_module("quickbooks_app")):
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not any(part in found.name for part in ("__main__", ".settings", ".migrations", ".management")):
            importlib.import_module(found.name)
            count += 1
print(f"imported {count}", file=sys.stderr)
"""


def test_no_module_translates_a_text_when_it_is_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-B", "-W", "ignore", "-c", IMPORT_EVERYTHING, str(ROOT)],
        cwd=ROOT,
        env={
            "DJANGO_SETTINGS_MODULE": "infactor.settings.test",
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(re.findall(r"imported (\d+)", done.stderr)[0]) > 500
    assert done.stdout.splitlines() == [], "use gettext_lazy, or a function that the reader's request calls"


def test_no_style_sheet_says_anything_in_one_language() -> None:
    said = []
    for sheet in sorted((ROOT / "static/css").glob("*.css")):
        for value in re.findall(r"[{;\s]content:([^;}]*)", sheet.read_text()):
            texts = [re.sub(r"\\[0-9a-fA-F]{1,6}", "", text) for text in re.findall(r'"([^"]*)"', value)]
            said += [f"{sheet.name}: {text}" for text in texts if re.search("[A-Za-z]", text) and text not in NO_WORDS]
    assert said == []
