"""Training of a dictionary on QuickBooks documents, without what belongs to one customer.

A dictionary outlives the documents that it was trained on. So it may hold keys and standard texts, and no personal
data: a word is kept only where the documents of many customers have it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from infactor.core import compression
from quickbooks_app.api.schemas import Ref

MIN_CUSTOMERS = 20
DICTIONARY_BYTES = 16 * 1024  # larger ones made documents larger, where all that is shared fits
VALUE = re.compile(rb'"(?:[^"\\]|\\.)*"(\s*:)?|-?\d+(?:\.\d+)?')  # a string, a key (with its colon), or a number
WORD = re.compile(rb"[A-Za-z\x80-\xff]+[,.;:]? ?")
DAY = re.compile(rb'"\d{4}-\d\d-\d\d[^"]*"')
SHORT = 2  # digits: numbers of lines and the like


class Sample(NamedTuple):
    """A document, and the customer that it is about: (connection, the customer's id)."""

    raw: bytes
    customer: tuple[int, str]


class _Owner(msgspec.Struct, gc=False):
    CustomerRef: Ref | None = None


def sample(*, connection_id: int, entity: str, qbk_id: str, raw: bytes) -> Sample:
    """One document as a sample. One whose customer cannot be read counts as a customer of its own."""
    if entity == "Customer":
        return Sample(raw, (connection_id, qbk_id))
    try:
        owner = msgspec.json.decode(raw, type=_Owner).CustomerRef
    except msgspec.DecodeError:
        owner = None
    return Sample(raw, (connection_id, owner.value if owner is not None and owner.value else f"{entity} {qbk_id}"))


def train(samples: Sequence[Sample]) -> bytes:
    """A dictionary for documents like `samples`. Raises zstandard.ZstdError for too few."""
    shared = _shared_texts(samples)
    return compression.train([_stripped(one.raw, shared) for one in samples], size=DICTIONARY_BYTES)


def packed_size(documents: Iterable[bytes], *, dictionary: bytes) -> int:
    """The bytes that `documents` take with `dictionary`, to compare two of them."""
    packer = compression.Packer(dictionary_id=0, data=dictionary)
    return sum(len(packer.pack(raw)) for raw in documents)


def _shared_texts(samples: Iterable[Sample]) -> frozenset[bytes]:
    """Whole values, and words of them, that the documents of at least MIN_CUSTOMERS have."""
    customers: dict[bytes, set[tuple[int, str]]] = defaultdict(set)
    for one in samples:
        for value in VALUE.finditer(one.raw):
            if value[1] is None:
                for text in (value[0], *WORD.findall(value[0])):
                    if len(customers[text]) < MIN_CUSTOMERS:
                        customers[text].add(one.customer)
    return frozenset(text for text, those in customers.items() if len(those) >= MIN_CUSTOMERS)


def _stripped(raw: bytes, shared: frozenset[bytes]) -> bytes:
    """The document with its keys and days, and of its values only what is `shared`."""

    def kept(value: re.Match[bytes]) -> bytes:
        text = value[0]
        if value[1] is not None or text in shared or DAY.fullmatch(text):
            return text
        if not text.startswith(b'"'):
            return text if len(text) <= SHORT else b"0"
        return b'"' + b"".join(word for word in WORD.findall(text) if word in shared) + b'"'

    return VALUE.sub(kept, raw)
