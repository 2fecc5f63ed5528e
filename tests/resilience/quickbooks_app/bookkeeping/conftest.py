"""Fixtures of the bookkeeping's races: the sandbox over HTTP."""

from tests.functional.quickbooks_app.sync.conftest import (  # noqa: F401
    company,
    connection,
    seeded,
)
