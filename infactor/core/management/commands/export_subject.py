"""Exports what is stored about a supplier, an owner, a person or a buyer into a file that only its owner can read."""

import argparse
import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from infactor.core.privacy import export, registry
from infactor.core.privacy.declarations import KINDS


class Command(BaseCommand):
    help = "Export the data of a supplier (public id), owner or person (address), or buyer (either)."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("kind", choices=KINDS)
        parser.add_argument("key", help="A public id, or an email address.")
        parser.add_argument("folder", type=Path, help="A folder for the files; it is made if needed.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            subjects = registry.find_subjects(kind=options["kind"], key=options["key"])
        except registry.UnknownSubject as problem:
            raise CommandError(str(problem)) from problem
        options["folder"].mkdir(mode=0o700, parents=True, exist_ok=True)
        for subject in subjects:
            path = options["folder"] / f"{subject.kind}-{subject.row.pk}.json"
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with open(descriptor, "w") as file:
                file.write(export.export(subject=subject, by=None, at=timezone.now()))
            self.stdout.write(f"{path}")
