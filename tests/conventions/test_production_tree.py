"""What is for tests and development alone is left out of production, and nothing there needs it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conventions.test_settings import COMPLETE

ROOT = Path(__file__).resolve().parents[2]
PATTERNS = (ROOT / "docs" / "operations" / "files" / "production-tree").read_text().splitlines()
LEFT_OUT = [pattern.removeprefix("!/").rstrip("/") for pattern in PATTERNS if pattern.startswith("!")]
CODE = ("manage.py", "infactor", "quickbooks_app", "templates", "static", "docs/guide/help")
START = """
import sys
import infactor.wsgi
from django.core.management import call_command
from infactor.celery import app
call_command("check", deploy=True, fail_level="WARNING")
app.loader.import_default_modules()
assert "fpdf" not in sys.modules, "what draws PDFs takes 22 MB in every process"
print(len([name for name in app.tasks if not name.startswith("celery.")]))
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code as production has it."""
    tree = tmp_path_factory.mktemp("production")
    ignored = shutil.ignore_patterns("__pycache__")
    for name in CODE:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tree / name, **({"ignore": ignored} if source.is_dir() else {}))  # type: ignore[operator]
    for name in LEFT_OUT:
        path = tree / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    return tree


def run(tree: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], **COMPLETE, "DJANGO_SETTINGS_MODULE": "infactor.settings.production"}
    return subprocess.run([sys.executable, *command], cwd=tree, env=environment, capture_output=True, text=True)


def test_every_path_that_is_left_out_exists() -> None:
    assert PATTERNS[0] == "/*"
    assert [name for name in LEFT_OUT if not (ROOT / name).exists()] == []


def test_web_worker_and_commands_start_without_what_is_left_out(tree: Path) -> None:
    started = run(tree, "manage.py", "shell", "-v0", "-c", START)
    assert started.returncode == 0, started.stderr
    assert int(started.stdout.split()[-1]) > 10


def test_nothing_of_tests_and_development_is_left(tree: Path) -> None:
    names = {str(path.relative_to(tree)) for path in tree.rglob("*")}
    assert {
        name for name in names if any(word in name for word in ("sandbox", "demo", "devserver", "local.py"))
    } == set()


def test_the_image_leaves_out_the_same() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert "COPY docs/operations/files/production-tree ./" in dockerfile
    assert "sed -n 's#^!/##p' production-tree >left-out" in dockerfile
    assert "xargs -a left-out rm -rf left-out production-tree" in dockerfile
