"""The mapping table as README shows it, made from the code."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quickbooks_app.mapping.invoices import as_markdown

BEGIN, END = "<!-- mapping table: make mapping-table -->", "<!-- end of the mapping table -->"


class Command(BaseCommand):
    help = "Print the mapping table, or write it between its marks in a Markdown file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--write", type=Path, metavar="FILE", help="the Markdown file to bring up to date")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["write"] is None:
            self.stdout.write(as_markdown())
            return
        file: Path = options["write"]
        before, begin, rest = file.read_text().partition(BEGIN)
        _, end, after = rest.partition(END)
        if not begin or not end:
            raise CommandError(f"{file} has no marks for the table: {BEGIN} and {END}")
        file.write_text(f"{before}{BEGIN}\n{as_markdown()}\n{END}{after}")
