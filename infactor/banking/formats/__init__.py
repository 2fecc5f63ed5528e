"""Readers of bank statements: one module a format, all with the same records. Nothing is written."""
