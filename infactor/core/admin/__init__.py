"""Admin: what every page shares, how staff decide, and the audit log."""

from infactor.core.admin import audit_log, base  # noqa: F401  they register their own
