"""Which pages of a supplier are for which of its roles."""

from django.http import HttpResponse

OWNERS_ONLY = {
    ("dashboard:data_file", "get"),
    ("dashboard:data_request", "post"),
    ("dashboard:bank_change", "get"),
    ("dashboard:bank_change", "post"),
    ("quickbooks:confirm_disconnect", "get"),
}
# Who may only read posts to what concerns only themselves; every other page refuses them.
READERS_POST = {
    "dashboard:choose_company",
    "dashboard:invitation",
    "dashboard:invoices_display",
    "dashboard:invoices_export",
    "dashboard:invoices_views",
    "dashboard:member_remove",
    "dashboard:messages_read",
    "dashboard:notification_open",
    "dashboard:notification_settings",
    "dashboard:notifications_read",
    "dashboard:statement_export",
    "dashboard:unsubscribe",
    # The rows behind these belong to who began to connect, which a reader cannot.
    "quickbooks:confirm_other",
    "quickbooks:reject_other",
    "quickbooks:webhook",
    "quickbooks:integration_webhook",
}


def is_for_role(role: str, name: str, method: str, answer: HttpResponse) -> bool:
    """Whether a person in `role` may ask for a supplier's page: what a row is about is checked afterwards."""
    if role == "owner":
        return True
    if (name, method) in OWNERS_ONLY:
        return False
    if role == "finance" or method == "get" or answer.status_code == 405:
        return True
    return name in READERS_POST or not name.startswith(("dashboard:", "quickbooks:"))
