"""Compressed columns: zstd with a dictionary that the row names. A stored dictionary is never changed or deleted.

A dictionary holds what documents of one purpose have in common, so that each of them is stored as what is its own. The
first one of each purpose comes with the code, and is stored when it is first used. A later one, trained on the
installation's own documents or shipped with a new release, serves new rows only: old rows name the one they need.
"""

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import zstandard

from infactor.core.models import CompressionDictionary

LEVEL = 3
MAX_BYTES = 32 * 1024 * 1024  # of one value before compression; an answer of QuickBooks is no larger
MAX_DICTIONARY_BYTES = 64 * 1024
DIGEST_BYTES = 16


class UnreadableValue(ValueError):
    """A stored value is corrupt, is larger than MAX_BYTES when decompressed, or names an unknown dictionary."""


class ValueTooLarge(ValueError):
    """A value is larger than MAX_BYTES, so it could not be read back."""


class Packer:
    """Compresses values with one dictionary; `dictionary_id` is what their rows must name. Not shared by threads."""

    def __init__(self, *, dictionary_id: int, data: bytes) -> None:
        self.dictionary_id = dictionary_id
        self._compressor = zstandard.ZstdCompressor(dict_data=_prepared(data), level=LEVEL, write_checksum=True)

    def pack(self, value: bytes) -> bytes:
        """`value` compressed. Raises ValueTooLarge."""
        if len(value) > MAX_BYTES:
            raise ValueTooLarge(f"{len(value)} bytes")
        return self._compressor.compress(value)


def packer(*, purpose: str, shipped: Path) -> Packer:
    """A packer with the newest dictionary of `purpose`. One query; stores the `shipped` one if it is not stored yet."""
    known = list(CompressionDictionary.objects.filter(purpose=purpose).order_by("-pk").values_list("pk", "digest"))
    data = _read(shipped)
    if _digest(data) not in {bytes(digest) for _, digest in known}:
        return Packer(dictionary_id=store(purpose=purpose, data=data), data=data)
    pk, digest = known[0]
    return Packer(dictionary_id=pk, data=data if bytes(digest) == _digest(data) else _load(pk, bytes(digest)))


def store(*, purpose: str, data: bytes) -> int:
    """Store a dictionary, unless it is stored already, and return its id. New rows use the dictionary stored last."""
    zstandard.ZstdCompressor(dict_data=zstandard.ZstdCompressionDict(data))  # raises ZstdError if it is none
    digest = _digest(data)
    CompressionDictionary.objects.bulk_create(
        [CompressionDictionary(purpose=purpose, digest=digest, data=data)], ignore_conflicts=True
    )
    pk: int = CompressionDictionary.objects.values_list("pk", flat=True).get(purpose=purpose, digest=digest)
    return pk


def unpack(*, packed: bytes, dictionary_id: int) -> bytes:
    """The value that a row holds. Raises UnreadableValue."""
    return unpack_many([(packed, dictionary_id)])[0]


def unpack_many(rows: Iterable[tuple[bytes, int]]) -> list[bytes]:
    """The values of many rows, from (compressed value, dictionary id). One query. Raises UnreadableValue."""
    found = [(bytes(packed), key) for packed, key in rows]
    digests = dict(CompressionDictionary.objects.filter(pk__in={key for _, key in found}).values_list("pk", "digest"))
    values = []
    for packed, key in found:
        if key not in digests:
            raise UnreadableValue(f"Dictionary {key} is not known.")
        values.append(_unpack(packed, _load(key, bytes(digests[key]))))
    return values


def train(samples: Sequence[bytes], *, size: int = MAX_DICTIONARY_BYTES) -> bytes:
    """A dictionary of at most `size` bytes for documents like `samples`. Raises zstandard.ZstdError for too few."""
    data: bytes = zstandard.train_dictionary(size, list(samples), level=LEVEL).as_bytes()
    return data


def _unpack(packed: bytes, data: bytes) -> bytes:
    try:
        size = zstandard.frame_content_size(packed)
        # A frame that does not say its size is none of ours. One that lies about it does not decompress.
        if not 0 <= size <= MAX_BYTES:
            raise UnreadableValue("The value is too large, or does not say its size.")
        decompressor = zstandard.ZstdDecompressor(dict_data=_prepared(data))
        return decompressor.decompress(packed, max_output_size=MAX_BYTES, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise UnreadableValue("The value cannot be decompressed.") from error


@lru_cache(maxsize=16)
def _prepared(data: bytes) -> zstandard.ZstdCompressionDict:
    dictionary = zstandard.ZstdCompressionDict(data)
    dictionary.precompute_compress(level=LEVEL)
    return dictionary


@lru_cache(maxsize=16)
def _load(pk: int, digest: bytes) -> bytes:
    """The dictionary with this id. `digest` is part of the cache's key: ids of a restored database may repeat."""
    data = bytes(CompressionDictionary.objects.values_list("data", flat=True).get(pk=pk))
    if _digest(data) != digest:
        raise UnreadableValue(f"Dictionary {pk} is corrupt.")
    return data


@lru_cache(maxsize=4)
def _read(path: Path) -> bytes:
    return path.read_bytes()


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=DIGEST_BYTES).digest()
