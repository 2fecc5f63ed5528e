"""A compressed value comes back as it was, with the dictionary that its row names, or an error says why not."""

from pathlib import Path

import pytest
import zstandard
from django.db import IntegrityError, transaction

from infactor.core import compression
from infactor.core.compression import UnreadableValue
from infactor.core.models import CompressionDictionary

pytestmark = pytest.mark.django_db

PURPOSE = "test"
SENTENCES = [
    f'{{"Line":{n},"Description":"Roast, {n % 7} bags","ItemRef":{{"name":"A"}},"Amount":{n * 7}.00}}'.encode()
    for n in range(900)
]


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    file = tmp_path / "shipped.dictionary"
    file.write_bytes(compression.train(SENTENCES, size=2048))
    return file


def test_a_value_comes_back_and_the_shipped_dictionary_is_stored_once(shipped: Path) -> None:
    first = compression.packer(purpose=PURPOSE, shipped=shipped)
    second = compression.packer(purpose=PURPOSE, shipped=shipped)
    assert first.dictionary_id == second.dictionary_id
    assert CompressionDictionary.objects.filter(purpose=PURPOSE).count() == 1
    packed = first.pack(SENTENCES[3])
    assert len(packed) < len(SENTENCES[3]) / 2
    assert compression.unpack(packed=packed, dictionary_id=first.dictionary_id) == SENTENCES[3]


def test_a_later_dictionary_serves_new_values_and_old_ones_stay_readable(shipped: Path) -> None:
    old = compression.packer(purpose=PURPOSE, shipped=shipped)
    packed = old.pack(SENTENCES[0])
    later = compression.store(purpose=PURPOSE, data=compression.train(SENTENCES[::-2], size=1024))
    new = compression.packer(purpose=PURPOSE, shipped=shipped)
    assert new.dictionary_id == later != old.dictionary_id
    rows = [(packed, old.dictionary_id), (new.pack(SENTENCES[1]), new.dictionary_id)]
    assert compression.unpack_many(rows) == SENTENCES[:2]


def test_what_is_not_a_whole_value_of_ours_is_refused(shipped: Path) -> None:
    packer = compression.packer(purpose=PURPOSE, shipped=shipped)
    key = packer.dictionary_id
    packed = packer.pack(SENTENCES[5] * 20)
    flipped = packed[:-6] + bytes([packed[-6] ^ 1]) + packed[-5:]
    without_size = zstandard.ZstdCompressor(write_content_size=False).compress(b"a")
    for bad in (b"", b"nonsense", packed[:-1], packed + b"x", flipped, without_size):
        with pytest.raises(UnreadableValue):
            compression.unpack(packed=bad, dictionary_id=key)
    other = compression.store(purpose=PURPOSE, data=compression.train(SENTENCES[::-2], size=1024))
    for unknown in (other, other + 1000):
        with pytest.raises(UnreadableValue):
            compression.unpack(packed=packed, dictionary_id=unknown)


def test_a_value_that_would_fill_the_memory_is_never_decompressed(
    shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packer = compression.packer(purpose=PURPOSE, shipped=shipped)
    bomb = zstandard.ZstdCompressor().compress(bytes(compression.MAX_BYTES + 1))
    assert len(bomb) < 10_000
    with pytest.raises(UnreadableValue):
        compression.unpack(packed=bomb, dictionary_id=packer.dictionary_id)
    with pytest.raises(compression.ValueTooLarge):
        packer.pack(bytes(compression.MAX_BYTES + 1))


def test_a_dictionary_is_never_changed_or_deleted_and_a_corrupt_one_reads_nothing(shipped: Path) -> None:
    packer = compression.packer(purpose=PURPOSE, shipped=shipped)
    stored = CompressionDictionary.objects.filter(pk=packer.dictionary_id)
    for change in (lambda: stored.update(data=b"changed"), stored.delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    corrupt = CompressionDictionary.objects.create(purpose=PURPOSE, digest=b"0" * 16, data=shipped.read_bytes())
    with pytest.raises(UnreadableValue):
        compression.unpack(packed=packer.pack(SENTENCES[0]), dictionary_id=corrupt.pk)
