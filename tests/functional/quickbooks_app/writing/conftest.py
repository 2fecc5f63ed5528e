"""Fixtures for writes: the imported company of the sync tests."""

from tests.functional.quickbooks_app.sync.conftest import (  # noqa: F401
    company,
    imported,
    module_import,
    prepare,
    seeded,
)
