"""`manage.py train_dictionary`: compare a new dictionary of documents with the present one, and take it if asked to."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import zstandard
from django.core.management.base import BaseCommand, CommandError

from infactor.core import compression
from quickbooks_app.documents import dictionary_training, payloads
from quickbooks_app.documents.dictionary_training import Sample
from quickbooks_app.models import Document

SAMPLES = 4000


class Command(BaseCommand):
    help = "Train a dictionary on the documents of this installation, and say how much smaller it makes them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--adopt", action="store_true", help="compress new documents with it")
        parser.add_argument("--write", type=Path, metavar="FILE", help="write it into a file, to ship it")

    def handle(self, *args: Any, **options: Any) -> None:
        samples = _samples()
        training, others = samples[::2], samples[1::2]
        try:
            dictionary = dictionary_training.train(training)
        except zstandard.ZstdError as error:
            raise CommandError(f"{len(training)} documents are too few to train a dictionary.") from error
        raws = [one.raw for one in others]
        packer = payloads.packer()
        before = sum(len(packer.pack(raw)) for raw in raws)
        after = dictionary_training.packed_size(raws, dictionary=dictionary)
        self.stdout.write(
            f"{len(raws)} documents that it was not trained on: {sum(map(len, raws)):,} bytes as received, "
            f"{before:,} with the present dictionary, {after:,} with the new one."
        )
        if options["write"]:
            options["write"].write_bytes(dictionary)
        if options["adopt"]:
            pk = compression.store(purpose=payloads.PURPOSE, data=dictionary)
            self.stdout.write(f"New documents are compressed with dictionary {pk}. Old ones keep theirs.")


def _samples() -> list[Sample]:
    """The documents that were fetched last, of all companies."""
    documents = list(Document.objects.order_by("-fetched_at", "-pk")[:SAMPLES])
    return [
        dictionary_training.sample(connection_id=one.connection_id, entity=one.entity, qbk_id=one.qbk_id, raw=raw)
        for one, raw in zip(documents, payloads.read_all(documents), strict=True)
    ]
