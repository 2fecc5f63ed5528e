"""Erases what is stored about a supplier, an owner, a person or a buyer, and prints what stays and why."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from infactor.core.privacy import erasure, registry
from infactor.core.privacy.declarations import KINDS, Subject


class Command(BaseCommand):
    help = (
        "Erase the data of a supplier (public id), owner or person (address), or buyer (either). "
        "Without --yes it only shows what would be done."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("kind", choices=KINDS)
        parser.add_argument("key", help="A public id, or an email address.")
        parser.add_argument("--reason", required=True, help="The request, without personal data: its date or number.")
        parser.add_argument("--yes", action="store_true", help="Erase. It cannot be undone.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            subjects = registry.find_subjects(kind=options["kind"], key=options["key"])
        except registry.UnknownSubject as problem:
            raise CommandError(str(problem)) from problem
        for subject in subjects:
            self._erase(subject, reason=options["reason"], for_real=options["yes"])
        if not options["yes"]:
            self.stdout.write("Nothing was changed. Repeat it with --yes to erase.")

    def _erase(self, subject: Subject, *, reason: str, for_real: bool) -> None:
        with transaction.atomic():
            try:
                report = erasure.erase(subject=subject, by=None, at=timezone.now(), reason=reason)
            except erasure.CannotErase as problem:
                raise CommandError(f"{subject} was not erased.\n{problem}") from problem
            transaction.set_rollback(not for_real)
        self.stdout.write(f"{subject}:")
        for verb, found in (("deleted", report.deleted), ("overwritten", report.overwritten)):
            for model, rows in found.items():
                self.stdout.write(f"  {model}: {rows} {verb}")
        for model, (rows, why) in report.kept.items():
            self.stdout.write(f"  {model}: {rows} kept. {why}")
