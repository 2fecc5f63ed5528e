"""The three roles of staff, and the permissions of each. Only a role gives a permission that decides something.

Each app declares its permissions in `Meta.permissions`; this module assigns them to roles.
"""

UNDERWRITER, OPERATIONS, READ_ONLY = "Underwriter", "Operations", "Read-only"

# Underwriters decide who is financed and at what price. Operations move and record the money. No role does both.
PERMISSIONS_BY_ROLE: dict[str, tuple[str, ...]] = {
    UNDERWRITER: (
        "suppliers.decide_application",
        "suppliers.publish_agreement",
        "suppliers.release_supplier",
        "suppliers.open_supplier_pages",
        "documents.keep_documents",
        "invoices.join_debtors",
        "invoices.join_vendors",
        "verification.record_answer",
        "financing.set_terms",
        "financing.set_limits",
        "financing.override_rules",
        "financing.mark_debtors",
        "financing.price_requests",
        "financing.resolve_disputes",
        "financing.approve_money_out",
        "financing.charge_suppliers",
        "correspondence.answer_suppliers",
        "desk.write_notes",
        "desk.work_on_tasks",
        "quickbooks_app.ask_books",
    ),
    OPERATIONS: (
        "suppliers.confirm_bank_account",
        "suppliers.open_supplier_pages",
        "documents.keep_documents",
        "verification.record_answer",
        "financing.fund_advances",
        "financing.export_payouts",
        "financing.record_collections",
        "financing.handle_notices",
        "financing.settle_advances",
        "financing.resolve_disputes",
        "financing.approve_money_out",
        "financing.export_payee_tins",
        "ledger.close_periods",
        "ledger.verify_ledger",
        "banking.keep_house_accounts",
        "banking.import_statements",
        "correspondence.answer_suppliers",
        "desk.write_notes",
        "desk.work_on_tasks",
        "desk.collect_from_buyers",
        "quickbooks_app.decide_bookkeeping",
        "quickbooks_app.write_books",
    ),
    READ_ONLY: (),
}
# Nobody is in both. A trigger of the database holds the same pair (users/migrations/0001_initial.py).
EXCLUSIVE_ROLES = frozenset({UNDERWRITER, OPERATIONS})
DECISIONS = frozenset(permission for permissions in PERMISSIONS_BY_ROLE.values() for permission in permissions)
