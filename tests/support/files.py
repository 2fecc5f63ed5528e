"""Small files of each format that is kept, as people send them."""

import struct
import zipfile
import zlib
from io import BytesIO

PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffc0000b080010001001011100ffd9")
WEBP = b"RIFF\x1e\x00\x00\x00WEBPVP8L\x11\x00\x00\x00\x2f\x0f\xc0\x03\x00" + b"\x00" * 12
CSV = b"Invoice,Amount\nINV-1,1080.00\n"


def png(width: int = 16, height: int = 16) -> bytes:
    """A PNG that says it has this size."""
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
        + _chunk(b"IEND", b"")
    )


def xlsx(**further: bytes) -> bytes:
    """A workbook; `further` are parts of it, with "__" for each "/" and "_dot_" for a dot."""
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        for name, data in further.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return content.getvalue()


def pdf_with(objects: bytes) -> bytes:
    """A PDF whose objects are packed in a stream."""
    packed = zlib.compress(objects)
    head = b"%PDF-1.5\n5 0 obj\n<< /Type /ObjStm /Filter /FlateDecode /Length " + str(len(packed)).encode()
    return head + b" >>\nstream\n" + packed + b"\nendstream\nendobj\n%%EOF\n"


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
