"""Looks into a file before it is kept: what it is by its content, and whether it does anything by itself."""

from infactor.documents.inspection.files import FORMATS, Format, clean_name, inspect
from infactor.documents.inspection.refusal import RefusedFile

__all__ = ["FORMATS", "Format", "RefusedFile", "clean_name", "inspect"]
