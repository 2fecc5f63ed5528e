"""Read a PDF as a person would: the text of its pages."""

import io

from django.http import HttpResponse
from pypdf import PdfReader


def pages(file: bytes) -> list[str]:
    """The text of each page, every line without double spaces."""
    reader = PdfReader(io.BytesIO(file))
    return ["\n".join(" ".join(line.split()) for line in page.extract_text().splitlines()) for page in reader.pages]


def words(file: bytes) -> str:
    """All text of the file in one line."""
    return " ".join(" ".join(pages(file)).split())


def content(response: HttpResponse) -> bytes:
    """The file of a download."""
    assert response["Content-Type"] == "application/pdf", response
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]
