"""Which staff may ask for which pages of admin: the table that the tests of access hold the site against."""

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
            "financing_advance_take_back_funding",
            "financing_advance_write_off",
            "banking_houseaccount_add",
            "banking_houseaccount_edit",
            "banking_houseaccount_make_default",
            "banking_houseaccount_move",
            "banking_houseaccount_opening",
            "banking_houseaccount_payment_details",
            "banking_movement_withdraw",
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
            "financing_payout_put_back",
            "financing_advance_fund_many",
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
            "financing_sentpayment_close",
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
# Decisions that do not ask for the second factor anew, with why: all others move money, set a price or a limit, change
# who is paid, or give such a right. A new decision asks until somebody gives a reason here.
NOT_ASKED_ANEW = {
    "it reads, or writes down what was said": (
        *("banking_houseaccount_reconcile", "desk_collect_contact", "desk_collect_promise", "desk_promise_withdraw"),
        *("desk_letter_print", "desk_mails", "desk_note_add", "desk_note_pin", "desk_note_unpin", "desk_task_add"),
        *("desk_task_drop", "desk_task_finish", "desk_task_reassign", "desk_task_take", "ledger_run_check"),
        *("documents_document_download", "documents_document_replace", "documents_document_upload"),
        *("financing_notice_acknowledge", "financing_notice_letter", "financing_sentpayment_close"),
        *("quickbooks_app_booksanswer_ask_again", "quickbooks_app_booksanswer_next_page"),
        *("quickbooks_app_connection_objects", "quickbooks_app_connection_query", "quickbooks_app_connection_report"),
    ),
    "it holds back, and gives nothing": (
        *("financing_advance_dispute", "financing_financingrequest_decline", "financing_offer_withdraw"),
        *("verification_forward_refuse", "verification_verification_withdraw"),
    ),
    "it says the same to the same reader again": (
        *("desk_collect_letter", "financing_notice_resend", "verification_verification_resend"),
    ),
    "it leads to a page that asks": ("financing_advance_pay",),
    "it says how a file is read, and the import asks": ("banking_statementfile_import", "banking_statementfile_layout"),
    "the rules weigh it when money is decided, which asks": (
        *("invoices_debtor_dismiss", "invoices_debtor_join", "invoices_debtor_remove"),
        *("invoices_debtorsuggestion_undo", "invoices_vendor_buyer", "invoices_vendormatch_dismiss"),
        *("invoices_vendormatch_join", "invoices_vendormatch_undo", "verification_forward_approve"),
        *("verification_verification_phone", "verification_verification_record"),
    ),
}
# Their pages read until something is posted, which asks.
ASKED_BY_POST_ONLY = {"banking_statementline_matching"}
DECIDED_BY = {page: people for people, pages in PAGES_OF for page in pages}
# By POST, the page of a row changes it: facts are changed by nobody.
CHANGED_BY = {"suppliers_supplier_change": {SUPERUSER}, "invoices_debtor_change": {UNDERWRITER}}
SEEN_BY = {"users_user_change": {SUPERUSER}}


def allowed(name: str, method: str) -> set[str]:
    """The staff who may ask for a page of admin by `method`."""
    if name in DECIDED_BY:
        return DECIDED_BY[name]
    if name.endswith(("_add", "_delete")):
        return set()
    if name.endswith("_change") and name != "password_change":
        return SEEN_BY.get(name, STAFF) if method == "get" else CHANGED_BY.get(name, set())
    return STAFF


def asks_anew(name: str) -> bool:
    """Whether the decision of this page asks for the second factor anew."""
    return not any(name in pages for pages in NOT_ASKED_ANEW.values())
