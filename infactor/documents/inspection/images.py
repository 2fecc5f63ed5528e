"""Pictures: their size in pixels, from the header. A small file may ask for gigabytes when it is opened."""

import struct
from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.money import format_count
from infactor.documents.inspection.refusal import RefusedFile

PNG = b"\x89PNG\r\n\x1a\n"
MAX_SIDE, MAX_PIXELS = 30_000, 200_000_000  # a telephone's largest picture has 200 million
_BROKEN = gettext_lazy("This picture cannot be read. Save it anew, then try again.")
# Start of a frame in a JPEG: all of C0 to CF but C4, C8 and CC.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})


def check_png(data: bytes) -> None:
    """Raises RefusedFile for a broken or too large one."""
    if data[12:16] != b"IHDR" or len(data) < 33 or b"IEND" not in data[-64:]:
        raise RefusedFile(_BROKEN)
    _check_size(*struct.unpack(">II", data[16:24]))


def check_jpeg(data: bytes) -> None:
    """Raises RefusedFile for a broken or too large one."""
    for marker, start in _jpeg_segments(data):
        if marker in _FRAMES:
            if len(data) < start + 7:
                break
            height, width = struct.unpack(">HH", data[start + 3 : start + 7])
            _check_size(width, height)
            return
    raise RefusedFile(_BROKEN)


def check_webp(data: bytes) -> None:
    """Raises RefusedFile for a broken or too large one."""
    chunk, body = data[12:16], data[20:30]
    if len(body) < 10:
        raise RefusedFile(_BROKEN)
    if chunk == b"VP8 ":
        width, height = (part & 0x3FFF for part in struct.unpack("<HH", body[6:10]))
    elif chunk == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif chunk == b"VP8X":
        width, height = int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    else:
        raise RefusedFile(_BROKEN)
    _check_size(width, height)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Each marker up to the picture itself, with the place of its length."""
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker == 0xFF:  # filling
            place += 1
            continue
        yield marker, place + 2
        if marker in _WITHOUT_LENGTH:
            place += 2
            continue
        place += 2 + max(2, int.from_bytes(data[place + 2 : place + 4], "big"))


def _check_size(width: int, height: int) -> None:
    if not width or not height:
        raise RefusedFile(_BROKEN)
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise RefusedFile(
            _("This picture is too large: %(width)s by %(height)s pixels. Make it smaller.")
            % {"width": format_count(width), "height": format_count(height)}
        )
