"""Proves that the database and the keys of the environment belong together. Prints no secret."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from infactor.core import encrypted_rows


class Command(BaseCommand):
    help = "Decrypt every secret and compute every fingerprint again. Exit code 1 if a key is missing or wrong."

    def handle(self, *args: Any, **options: Any) -> None:
        found = encrypted_rows.check_keys()
        self.stdout.write(
            f"{found.decrypted} values decrypted, {found.fingerprints} fingerprints computed, "
            f"{found.outdated} of an older key, {sum(found.problems.values())} wrong."
        )
        if found.problems:
            raise CommandError("\n".join(f"{problem} ({rows} rows)" for problem, rows in found.problems.items()))
