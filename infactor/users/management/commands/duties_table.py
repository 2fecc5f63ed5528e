"""Writes docs/operations/duties.md: which role may take which decision."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from infactor.users import duties


class Command(BaseCommand):
    help = "Print the table of duties, or write it into a file."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--write", type=Path, help="The file to write.")

    def handle(self, *args: Any, **options: Any) -> None:
        text = duties.as_markdown()
        if options["write"]:
            options["write"].write_text(text)
        else:
            self.stdout.write(text)
