"""Who may ask for what: every URL, by GET and by POST, for every kind of person.

The rows that the addresses name do not exist: permission comes before existence, so 404 means "allowed".
"""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from infactor.users import roles
from infactor.users.models import User
from tests.functional.infactor.dashboard.test_urls import AUDIENCE
from tests.support.factories.suppliers import MembershipFactory
from tests.support.reader_pages import is_for_role
from tests.support.rights_only import rights_only
from tests.support.scenarios import onboarding
from tests.support.second_factor import sign_in_without_factor
from tests.support.urls import Url, every_url

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

UNDERWRITER, OPERATIONS, READER, SUPERUSER = "underwriter", "operations", "reader", "superuser"
BOTH = {UNDERWRITER, OPERATIONS}
STAFF = {*BOTH, READER, SUPERUSER}

# Pages of admin that are not for all staff. Only a role decides about money: a superuser administers accounts.
PAGES_OF = (
    (
        {OPERATIONS},
        (
            "desk_collect_contact",
            "desk_collect_letter",
            "desk_collect_promise",
            "desk_promise_withdraw",
            "financing_advance_cancel",
            "financing_advance_fund",
            "financing_advance_pay",
            "financing_advance_repurchase",
            "financing_advance_settle",
            "financing_advance_settle_clean",
            "financing_advance_short_payment",
            "financing_advance_write_off",
            "banking_houseaccount_add",
            "banking_houseaccount_edit",
            "banking_houseaccount_make_default",
            "banking_houseaccount_move",
            "banking_houseaccount_opening",
            "banking_houseaccount_payment_details",
            "banking_statementfile_confirm",
            "banking_statementfile_import",
            "banking_statementfile_layout",
            "banking_statementline_booked",
            "banking_statementline_duplicate",
            "banking_statementline_explain",
            "banking_statementline_match",
            "banking_statementline_matching",
            "banking_statementline_reopen",
            "financing_collection_match",
            "financing_collection_record",
            "financing_collection_return",
            "financing_advance_cancel_repurchase",
            "financing_advance_cancel_short_payment",
            "financing_advance_cancel_write_off",
            "financing_advance_cancel_cost",
            "financing_advance_cost",
            "financing_advance_reopen",
            "financing_collection_amount",
            "financing_collection_refund",
            "financing_collection_unmatch",
            "financing_collection_value_date",
            "financing_collection_withdraw",
            "financing_notice_acknowledge",
            "financing_notice_release",
            "financing_notice_resend",
            "banking_statementline_came_back",
            "banking_statementline_cost_back",
            "banking_statementline_not_returned",
            "banking_statementline_sent",
            "financing_payout_fail",
            "financing_payout_make_batch",
            "financing_payoutbatch_download",
            "financing_payoutbatch_export_file",
            "financing_payoutbatch_reinstate",
            "financing_payoutbatch_withdraw",
            "suppliers_bankaccount_number",
            "financing_payout_remit",
            "financing_payout_resend",
            "ledger_run_check",
            *("financing_payee_add", "financing_payee_edit", "financing_payee_join", "financing_payee_separate"),
            "month_end_1099",
            "month_end_1099_file",
            "month_end_account_names",
            "month_end_accrue",
            "month_end_close",
            "month_end_export",
            "month_end_reopen",
            "quickbooks_app_bookkeepingentry_customer",
            "quickbooks_app_bookkeepingentry_mark_done",
            "quickbooks_app_bookkeepingentry_undo",
            "quickbooks_app_bookkeepingentry_write_again",
            "quickbooks_app_connection_push",
            "quickbooks_app_push_ask_again",
            "suppliers_bankaccount_confirm",
            "suppliers_bankaccount_refuse",
        ),
    ),
    (
        {UNDERWRITER},
        (
            "financing_debtormark_add",
            "financing_debtormark_end",
            "financing_financingrequest_decline",
            "financing_financingrequest_offer",
            "financing_fundingterms_add",
            "financing_limit_add",
            "financing_offer_withdraw",
            "financing_override_add",
            "financing_override_end",
            "invoices_debtor_dismiss",
            "invoices_debtor_join",
            "invoices_debtor_remove",
            "invoices_debtorsuggestion_undo",
            "invoices_vendor_buyer",
            "invoices_vendormatch_dismiss",
            "invoices_vendormatch_join",
            "invoices_vendormatch_undo",
            "quickbooks_app_booksanswer_ask_again",
            "quickbooks_app_booksanswer_next_page",
            "quickbooks_app_connection_objects",
            "quickbooks_app_connection_query",
            "quickbooks_app_connection_report",
            "suppliers_accountclosing_decline",
            "suppliers_accountclosing_release",
            "suppliers_agreementtext_add",
            "suppliers_application_approve",
            "suppliers_application_check",
            "suppliers_application_hold",
            "suppliers_application_refuse",
            "suppliers_checkrequirement_add",
        ),
    ),
    (
        BOTH,
        (
            "desk_note_add",
            "desk_note_pin",
            "desk_note_unpin",
            "desk_task_add",
            "desk_task_drop",
            "desk_task_finish",
            "desk_task_reassign",
            "desk_task_take",
            "financing_payout_approve",
            "financing_payout_approve_many",
            "financing_payout_stop",
            "documents_document_remove",
            "documents_document_replace",
            "documents_document_upload",
            "financing_advance_dispute",
            "financing_approval_approve",
            "financing_approval_reject",
            "financing_case_close",
            "financing_case_release_hold",
            *("verification_forward_approve", "verification_forward_refuse"),
            "suppliers_supplier_view_as",
            "verification_verification_phone",
            "verification_verification_record",
            *("verification_verification_resend", "verification_verification_withdraw"),
        ),
    ),
    (
        {SUPERUSER},
        (
            "core_auditevent_copy",
            "core_auditevent_erase",
            "quickbooks_app_connection_mapping",
            "quickbooks_app_connection_release",
            "quickbooks_app_mappingversion_use_again",
            "quickbooks_app_integration_add",
            "quickbooks_app_integration_disable",
            "quickbooks_app_integration_edit",
            "quickbooks_app_integration_enable",
            "quickbooks_app_integration_mapping",
            "quickbooks_app_integration_remove",
            "quickbooks_app_review_answer",
            "suppliers_supplier_add",
            "users_user_activate",
            "users_user_add",
            "users_user_changelist",
            "users_user_deactivate",
            "users_user_end_sessions",
            "users_user_export",
            "users_user_invite",
            "users_user_remove_factors",
            "users_user_roles",
        ),
    ),
)
DECIDED_BY = {page: people for people, pages in PAGES_OF for page in pages}
# By POST, the page of a row changes it: facts are changed by nobody.
CHANGED_BY = {"suppliers_supplier_change": {SUPERUSER}, "invoices_debtor_change": {UNDERWRITER}}
SEEN_BY = {"users_user_change": {SUPERUSER}}
# They end the session, for anybody.
ENDS_SESSION = {"admin:logout", "account_logout", "usersessions_end_all"}
# Answered for whatever person in their own way: a list of choices by the model in the query, and operators' probes.
OTHERWISE = {"admin:autocomplete", "readyz"}
ADMIN = [url for url in every_url() if url.name.startswith("admin:") and url.name not in ENDS_SESSION | OTHERWISE]
OTHERS = [url for url in every_url() if not url.name.startswith("admin:") and url.name not in ENDS_SESSION | OTHERWISE]
LOGIN = (reverse("account_login"), reverse("admin:login"))


@pytest.fixture(autouse=True)
def _answers_without_their_words(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with rights_only(monkeypatch):
        yield


def answers(client: Client, urls: list[Url]) -> Iterator[tuple[Url, str, HttpResponse]]:
    client.raise_request_exception = False
    cookies = client.cookies.copy()
    for url in urls:
        for method in ("get", "post"):
            client.cookies = cookies.copy()
            cache.clear()  # how often one person may ask is tested elsewhere
            yield url, method, getattr(client, method)(url.address)


def is_refused(answer: HttpResponse) -> bool:
    return answer.status_code == 403 or answer.headers.get("Location", "").startswith(LOGIN)


def allowed(name: str, method: str) -> set[str]:
    """The staff who may ask for a page of admin by `method`."""
    if name in DECIDED_BY:
        return DECIDED_BY[name]
    if name.endswith(("_add", "_delete")):
        return set()
    if name.endswith("_change") and name != "password_change":
        return SEEN_BY.get(name, STAFF) if method == "get" else CHANGED_BY.get(name, set())
    return STAFF


@pytest.mark.parametrize("who", sorted(STAFF))
def test_staff_are_let_in_where_their_role_says_so(client: Client, who: str) -> None:
    role = {UNDERWRITER: roles.UNDERWRITER, OPERATIONS: roles.OPERATIONS, READER: roles.READ_ONLY}.get(who)
    person = onboarding.staff_member(role) if role else User.objects.create_superuser("admin@example.com")
    client.force_login(person)
    wrong = {
        (url.name, method, answer.status_code)
        for url, method, answer in answers(client, ADMIN)
        if is_refused(answer) is (who in allowed(url.name.removeprefix("admin:"), method)) or answer.status_code >= 500
    }
    assert wrong == set()


def test_staff_without_a_second_factor_are_let_in_nowhere(client: Client) -> None:
    sign_in_without_factor(client, onboarding.staff_member(roles.OPERATIONS))
    leads_on = {"admin:login"}
    elsewhere = {
        (url.name, method, answer.status_code)
        for url, method, answer in answers(client, ADMIN)
        if url.name not in leads_on and answer.headers.get("Location") != reverse("mfa_index")
    }
    assert elsewhere == set()


@pytest.mark.parametrize("role", ["owner", "finance", "reader"])
def test_a_supplier_is_let_in_to_its_own_pages_only(client: Client, role: str, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"export": ""}  # more files than a person asks for
    client.force_login(MembershipFactory(role=role).user)
    wrong = set()
    for url, method, answer in answers(client, ADMIN + OTHERS):
        is_theirs = not url.name.startswith("admin:") and is_for_role(role, url.name, method, answer)
        if is_refused(answer) is is_theirs or answer.status_code >= 500:
            wrong.add((url.name, method, answer.status_code))
    assert wrong == set()


def test_a_stranger_is_let_in_to_public_pages_only(client: Client) -> None:
    wrong = {
        (url.name, method, answer.status_code)
        for url, method, answer in answers(client, ADMIN + OTHERS)
        if is_refused(answer) is (AUDIENCE.get(url.name) == "public") and url.name not in LEAD_TO_SIGN_IN
    }
    assert wrong == set()


# Public pages whose next step is to sign in.
LEAD_TO_SIGN_IN = {
    "mfa_authenticate",
    "mfa_login_webauthn",
    "account_confirm_email",
    "quickbooks:callback",
    "quickbooks:reconnect_landing",
}
