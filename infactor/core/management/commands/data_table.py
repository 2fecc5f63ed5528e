"""Writes docs/security/data.md: what infactor stores about people, why, and for how long."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from infactor.core.privacy import document


class Command(BaseCommand):
    help = "Print the table of personal data, or write it into a file."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--write", type=Path, help="The file to write.")

    def handle(self, *args: Any, **options: Any) -> None:
        text = document.as_markdown()
        if options["write"]:
            options["write"].write_text(text)
        else:
            self.stdout.write(text)
