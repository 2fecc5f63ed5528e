"""What all admin pages share: base classes, decisions, the audit log and the email outbox."""

from infactor.core.admin import audit_log, outgoing_mail  # noqa: F401  they register their models
