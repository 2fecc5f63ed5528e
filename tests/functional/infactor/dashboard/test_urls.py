"""Every URL of the project has a declared audience; a URL without one fails this test."""

import pytest
from django.test import Client
from django.urls import reverse

from infactor.suppliers.models import Supplier
from infactor.users.models import User
from tests.support.urls import every_url

# public: no sign-in needed. login: signed-in users. staff: admin.
# Add each new URL here with its audience.
AUDIENCE = {
    "healthz": "public",
    # For operators' monitoring: it says what is wrong and reveals nobody's data.
    "readyz": "public",
    "account_login": "public",
    "account_logout": "public",
    "account_inactive": "public",
    "account_signup": "public",
    "account_reset_password": "public",
    "account_reset_password_done": "public",
    "account_reset_password_from_key": "public",
    "account_reset_password_from_key_done": "public",
    "account_email_verification_sent": "public",
    "account_confirm_email": "public",
    "account_language": "public",
    "account_reauthenticate": "login",
    "account_email": "login",
    "account_name": "login",
    "account_change_password": "login",
    "account_set_password": "login",
    "mfa_index": "login",
    "mfa_reauthenticate": "login",
    "mfa_reauthenticate_webauthn": "login",
    "mfa_activate_totp": "login",
    "mfa_deactivate_totp": "login",
    "mfa_view_recovery_codes": "login",
    "mfa_generate_recovery_codes": "login",
    "mfa_download_recovery_codes": "login",
    "mfa_list_webauthn": "login",
    "mfa_add_webauthn": "login",
    "mfa_edit_webauthn": "login",
    "mfa_remove_webauthn": "login",
    # Steps of signing in: they lead a stranger who has not begun to the first one.
    "mfa_authenticate": "public",
    "mfa_login_webauthn": "public",
    "usersessions_list": "login",
    "usersessions_end": "login",
    "usersessions_end_all": "login",
    "dashboard:calendar": "login",
    "dashboard:robots": "public",
    "dashboard:design": "public",
    "dashboard:home": "public",
    "dashboard:company": "login",
    "dashboard:data": "login",
    "dashboard:data_file": "login",
    "dashboard:data_request": "login",
    "dashboard:leave": "login",
    "dashboard:leave_request": "login",
    "dashboard:leave_withdraw": "login",
    "dashboard:payoff_pdf": "login",
    "dashboard:release_letter": "login",
    "dashboard:release_pdf": "login",
    "dashboard:settings": "login",
    "dashboard:people": "login",
    "dashboard:invite": "login",
    "dashboard:member_role": "login",
    "dashboard:member_remove": "login",
    "dashboard:invitation_resend": "login",
    "dashboard:invitation_cancel": "login",
    "dashboard:notification_settings": "login",
    "dashboard:two_people": "login",
    "dashboard:notifications": "login",
    "dashboard:notifications_read": "login",
    "dashboard:notification_open": "login",
    # For who has no account yet, and for email programs: the signed link is the permission.
    "dashboard:invitation": "public",
    "dashboard:unsubscribe": "public",
    "dashboard:home_figures": "login",
    "dashboard:invoices": "login",
    "dashboard:export": "login",
    "dashboard:export_file": "login",
    "dashboard:export_pdf": "login",
    "dashboard:export_workbook": "login",
    "dashboard:invoices_csv": "login",
    "dashboard:invoices_display": "login",
    "dashboard:invoices_export": "login",
    "dashboard:invoices_selection": "login",
    "dashboard:invoices_views": "login",
    "dashboard:invoices_xlsx": "login",
    "dashboard:invoice": "login",
    "dashboard:invoice_delete": "login",
    "dashboard:invoice_document": "login",
    "dashboard:invoice_document_delete": "login",
    "dashboard:invoice_documents": "login",
    "dashboard:invoice_edit": "login",
    "dashboard:invoice_new": "login",
    "dashboard:invoice_template": "login",
    "dashboard:invoice_upload": "login",
    "dashboard:invoice_upload_check": "login",
    "dashboard:ask_buyers": "login",
    "dashboard:waiting_buyers": "login",
    "dashboard:remind_buyer": "login",
    "dashboard:verification_approve": "login",
    "dashboard:verification_request": "login",
    "dashboard:verification_withdraw": "login",
    "dashboard:invoice_resubmit": "login",
    "dashboard:messages": "login",
    "dashboard:messages_read": "login",
    "dashboard:message_new": "login",
    "dashboard:message_thread": "login",
    "dashboard:message_file": "login",
    "dashboard:disputes": "login",
    "dashboard:dispute": "login",
    "dashboard:buyers": "login",
    "dashboard:buyer": "login",
    "search:page": "login",
    "dashboard:application": "login",
    "dashboard:bank": "login",
    "dashboard:documents": "login",
    "dashboard:bank_change": "login",
    "dashboard:bank_amounts": "login",
    "dashboard:bank_withdraw": "login",
    "dashboard:financing": "login",
    "dashboard:financing_request_new": "login",
    "dashboard:financing_request": "login",
    "dashboard:financing_request_withdraw": "login",
    "dashboard:offer": "login",
    "dashboard:offer_select": "login",
    "dashboard:offer_accept": "login",
    "dashboard:offer_confirm": "login",
    "dashboard:offer_decline": "login",
    "dashboard:offer_propose": "login",
    "dashboard:offer_unpropose": "login",
    "dashboard:advance_cancel": "login",
    "dashboard:forward_payment": "login",
    "dashboard:pay_advance": "login",
    "dashboard:pay_debt": "login",
    "dashboard:statement": "login",
    "dashboard:statement_csv": "login",
    "dashboard:statement_export": "login",
    "dashboard:statement_fees": "login",
    "dashboard:statement_fees_csv": "login",
    "dashboard:statement_fees_pdf": "login",
    "dashboard:statement_pdf": "login",
    "dashboard:companies": "login",
    "dashboard:choose_company": "login",
    "dashboard:privacy": "public",
    "dashboard:terms": "public",
    # Suppliers and their buyers read it before they have an account.
    "help:index": "public",
    "help:page": "public",
    # Buyers have no account: the signed link opens one invoice.
    "buyer:document": "public",
    "buyer:notice": "public",
    "buyer:page": "public",
    "quickbooks:home": "login",
    "quickbooks:attachment": "login",
    "quickbooks:printed_invoice": "login",
    "quickbooks:show_buyer": "login",
    "quickbooks:card": "login",
    "quickbooks:banner": "login",
    "quickbooks:changes": "login",
    "quickbooks:run": "login",
    "quickbooks:authorize": "login",
    "quickbooks:choose_app": "login",
    "quickbooks:own_app": "login",
    "quickbooks:forget_app": "login",
    # Intuit redirects users here; a signed-out visitor is redirected before anything is read.
    "quickbooks:closed": "login",
    "quickbooks:callback": "public",
    "quickbooks:connected": "public",
    "quickbooks:status": "login",
    "quickbooks:confirm_other": "login",
    "quickbooks:reject_other": "login",
    # Registered with Intuit, which sends anybody there; a realm id in the URL proves nothing.
    "quickbooks:launch": "login",
    "quickbooks:disconnect_landing": "public",
    "quickbooks:disconnected": "public",
    "quickbooks:reconnect_landing": "public",
    "quickbooks:reconnect": "login",
    "quickbooks:reauthorize": "login",
    # Intuit's servers, authenticated by their signature.
    "quickbooks:webhook": "public",
    "quickbooks:integration_webhook": "public",
    "quickbooks:help": "public",
    "quickbooks:sync": "login",
    "quickbooks:confirm_disconnect": "login",
    "quickbooks:disconnect": "login",
    "quickbooks:writes": "login",
    "quickbooks:allow_writes": "login",
    "quickbooks:stop_writes": "login",
    "quickbooks:make_buyer": "login",
    "quickbooks:make_invoice": "login",
    "quickbooks:make_payment": "login",
    "quickbooks:bookkeeping": "login",
    "quickbooks:bookkeeping_on": "login",
    "quickbooks:bookkeeping_off": "login",
    "quickbooks:made": "login",
    "quickbooks:made_one": "login",
    "quickbooks:make_again": "login",
    "quickbooks:change_made": "login",
    "quickbooks:end_made": "login",
    # Admin's sign-in page redirects to ours.
    "admin:login": "staff",
}
EVERY = list(every_url())


def audience(name: str) -> str:
    return "staff" if name.startswith("admin:") else AUDIENCE[name]


def test_every_address_has_a_known_audience() -> None:
    unknown = {url.name for url in EVERY if not url.name.startswith("admin:") and url.name not in AUDIENCE}
    assert not unknown, f"say in AUDIENCE who may ask for {sorted(unknown)}"
    assert not AUDIENCE.keys() - {url.name for url in EVERY}, "AUDIENCE names addresses that are gone"


@pytest.mark.django_db
def test_a_stranger_is_led_to_sign_in_from_everything_that_is_not_public(client: Client) -> None:
    sign_in = reverse("account_login")
    for url in EVERY:
        if audience(url.name) == "public":
            continue
        response = client.get(url.address)
        if response.status_code == 405:
            response = client.post(url.address)
        assert response.status_code == 302, f"{url.name} answers a stranger with {response.status_code}"
        assert response["Location"].startswith((sign_in, "/admin/login/")), f"{url.name} leads a stranger elsewhere"


@pytest.mark.django_db
def test_a_public_address_never_asks_a_stranger_to_sign_in_nor_breaks(client: Client) -> None:
    for url in EVERY:
        if audience(url.name) == "public":
            response = client.get(url.address, follow=True)
            # 405: a URL for machines that accepts POST only.
            expected = (200, 503) if url.name == "readyz" else (200, 404, 405)  # no beat has been seen in a test
            assert response.status_code in expected, f"{url.name} answers a stranger with {response.status_code}"


@pytest.mark.django_db
def test_a_supplier_sees_no_page_of_the_staff(client: Client, supplier: Supplier) -> None:
    client.force_login(supplier.members.get())
    for url in EVERY:
        if audience(url.name) == "staff" and url.name not in ("admin:logout", "admin:jsi18n"):
            response = client.get(url.address)
            assert response.status_code in (302, 403, 404), f"{url.name} answers a supplier with {response.status_code}"


@pytest.mark.django_db
def test_no_answer_to_someone_signed_in_is_kept_by_a_browser_or_a_proxy(client: Client, supplier: Supplier) -> None:
    client.force_login(supplier.members.get())
    for url in EVERY:
        if audience(url.name) == "login":
            kept = client.get(url.address).headers.get("Cache-Control", "")
            assert "no-store" in kept, f"{url.name} may be kept: {kept!r}"


@pytest.mark.django_db
def test_a_person_without_a_company_is_told_what_to_do(client: Client, django_user_model: type[User]) -> None:
    client.force_login(django_user_model.objects.create_user("lonely@example.com", "correct-horse-battery"))
    response = client.get(reverse("dashboard:home"))
    assert response.status_code == 403
    assert "Ask the owner" in response.content.decode()


@pytest.mark.django_db
def test_staff_are_led_from_the_dashboard_to_their_own_pages(client: Client, staff: User) -> None:
    client.force_login(staff)
    assert client.get(reverse("dashboard:home"))["Location"] == reverse("admin:index")
