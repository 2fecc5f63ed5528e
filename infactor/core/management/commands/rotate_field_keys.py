"""Re-encrypts every stored secret with the first of FIELD_ENCRYPTION_KEYS, so that old keys can be removed."""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import transaction

from infactor.core import second_factor
from infactor.core.fields import EncryptedTextField


class Command(BaseCommand):
    help = "Re-encrypt every secret with the first of FIELD_ENCRYPTION_KEYS. Safe to run at any time, repeatedly."

    def handle(self, *args: Any, **options: Any) -> None:
        for model in apps.get_models():
            names = [field.name for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]
            if not names:
                continue
            rows = 0
            for pk in model._base_manager.order_by("pk").values_list("pk", flat=True).iterator():
                # One locked row at a time: a token that is refreshed meanwhile is never overwritten with the old one.
                with transaction.atomic():
                    row = model._base_manager.select_for_update().filter(pk=pk).first()
                    if row is not None:
                        row.save(update_fields=names)
                        rows += 1
            self.stdout.write(f"{model._meta.verbose_name_plural}: {rows} re-encrypted.")
        self.stdout.write(f"second factors: {second_factor.reencrypt_secrets()} secrets re-encrypted.")
