"""Rewrites every stored secret with the current keys, so that old keys can be removed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from infactor.core import encrypted_rows, keys


class Command(BaseCommand):
    help = (
        "Encrypt every secret with the first of FIELD_ENCRYPTION_KEYS and compute every fingerprint with "
        "FINGERPRINT_KEY. Safe to run at any time, repeatedly."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for table in encrypted_rows.rotate():
                self.stdout.write(f"{table.name}: {table.rows} rewritten.")
        except keys.DecryptionError as error:
            raise CommandError(f"{error} Nothing of this row was written; check_keys counts all such rows.") from error
        except IntegrityError as error:
            raise CommandError(
                "Two rows hold the same company: it was connected under both keys. Release one of them in admin, then "
                "run this again."
            ) from error
        left = encrypted_rows.check_keys()
        if left.problems or left.outdated:
            raise CommandError(f"{left.outdated} values are still of an older key. Run this again.")
        self.stdout.write("Every value is of the current keys. The old ones can be removed.")
