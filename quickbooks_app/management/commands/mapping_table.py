"""`manage.py mapping_table`: the mapping table in Markdown, generated from the code."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quickbooks_app.mapping.invoices import mapping_table_markdown

BEGIN, END = "<!-- mapping table: make mapping-table -->", "<!-- end of the mapping table -->"


class Command(BaseCommand):
    help = "Prints the mapping table, or writes it between its markers in a Markdown file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--write", type=Path, metavar="FILE", help="the Markdown file to update")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["write"] is None:
            self.stdout.write(mapping_table_markdown())
            return
        file: Path = options["write"]
        before, begin, rest = file.read_text().partition(BEGIN)
        _, end, after = rest.partition(END)
        if not begin or not end:
            raise CommandError(f"{file} has no markers for the table: {BEGIN} and {END}")
        file.write_text(f"{before}{BEGIN}\n{mapping_table_markdown()}\n{END}{after}")
