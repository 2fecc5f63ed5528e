"""Keeps a migrated PostgreSQL between test runs, until anything changes that it was made from.

Migrating takes longer than a thousand tests. What is kept is the data folder of a stopped server, by a digest of its
sources; each run starts a server on a copy of its own, so runs disturb neither each other nor what is kept.
"""

import ast
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import django
import fasteners
import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parents[3]
KEPT = ROOT / ".test-database"
AT_MOST = 3  # data folders of 60 MB, for whoever changes between branches
TEMPLATE = "migrated"  # the database that the workers of a run copy
PACKAGES = ("infactor", "quickbooks_app")
# What migrations write, and what Django and infactor write after them: content types, permissions, groups.
SOURCES = ("migrations/*.py", "models.py", "models/*.py", "users/roles.py", "settings/*.py")
RECEIVERS = "apps.py"  # connects what is written after migrations; most of what it imports writes nothing
# Test data need not survive a crash, and waiting for the disk is slower than most tests.
FOR_TESTS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1h",
    "jit": "off",
}


def copy_migrated_server(data: Path) -> None:
    """Create the data folder `data` of a server with the migrated database TEMPLATE; make that first, if need be."""
    KEPT.mkdir(exist_ok=True)
    with fasteners.InterProcessLock(KEPT / ".lock"):
        kept = KEPT / digest()
        if not kept.exists():
            _make(kept)
        os.utime(kept)
        for unused in sorted(KEPT.glob("*/"), key=lambda one: one.stat().st_mtime)[:-AT_MOST]:
            shutil.rmtree(unused)
        _copy(kept, data)


def digest(root: Path = ROOT) -> str:
    """A digest of everything that the migrated database is made from."""
    found = hashlib.sha256()
    for path in sorted(sources(root)):
        found.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes() + b"\0")
    libraries = Path(django.__file__).parents[1]
    installed = sorted(path.name for path in libraries.glob("*.dist-info"))
    found.update("\n".join([sys.version, platform.platform(), *installed, *map(str, FOR_TESTS.items())]).encode())
    return found.hexdigest()[:32]


def sources(root: Path = ROOT) -> set[Path]:
    """This file, migrations, models, roles and settings, and all of the project that these import."""
    waiting = [path for package in PACKAGES for pattern in SOURCES for path in (root / package).rglob(pattern)]
    found = {path for package in PACKAGES for path in (root / package).rglob(RECEIVERS)}
    found |= {root / Path(__file__).relative_to(ROOT)}
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imported(path, root)
    return found


def _imported(path: Path, root: Path) -> Iterator[Path]:
    """The files of the project that `path` imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] in PACKAGES:
                places = [root.joinpath(*parts[:end]) for end in range(1, len(parts) + 1)]
                files = [file for place in places for file in (place.with_suffix(".py"), place / "__init__.py")]
                yield from (file for file in files if file.exists())


def _make(kept: Path) -> None:
    """Create a server with the migrated database, and keep its data folder as `kept`, whole or not at all."""
    from infactor.embedded_postgres import postgres

    # PostgreSQL may have to run as another user, who cannot reach the project's folder.
    folder = Path(tempfile.mkdtemp(prefix="infactor-migrate-"))
    try:
        with postgres(data=folder / "postgres") as server:
            with psycopg.connect(server, autocommit=True) as connection:
                for name, value in FOR_TESTS.items():
                    connection.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), value))
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
            subprocess.run(
                [sys.executable, "-W", "ignore", "manage.py", "migrate", "--verbosity=0", "--skip-checks"],
                cwd=ROOT,
                env={
                    **os.environ,
                    "DATABASE_URL": urlsplit(server)._replace(path=f"/{TEMPLATE}").geturl(),
                    "DJANGO_SETTINGS_MODULE": "infactor.settings.test",
                    "VAR_DIR": str(folder),
                },
                check=True,
            )
        for name in ("log", ".handle_pids.json"):
            (folder / "postgres" / name).unlink(missing_ok=True)
        unfinished = kept.with_name(f"{kept.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        _copy(folder / "postgres", unfinished)
        unfinished.rename(kept)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    """Copy a folder with its owners: started by root, PostgreSQL runs as another user."""
    subprocess.run(["cp", "-Rp", str(source), str(target)], check=True)
