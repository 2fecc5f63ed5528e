"""The admin site registers exactly the expected models and pages.

A model disappears without an error when its admin module is no longer imported, or when there is a second site.
"""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, reverse

from infactor.core.admin.decisions import DecisionView, StaffView
from infactor.core.models import AuditEvent
from tests.support.factories.suppliers import EveryPermissionFactory

MODELS = {
    "core.AuditEvent",
    "core.OutgoingMail",
    "financing.Advance",
    "financing.Approval",
    "financing.Case",
    "financing.Collection",
    "financing.Payout",
    "financing.Eligibility",
    "financing.FinancingRequest",
    "financing.FundingTerms",
    "financing.Limit",
    "financing.Notice",
    "financing.Offer",
    "financing.Override",
    "invoices.BooksPayment",
    "invoices.Buyer",
    "invoices.CompanyFile",
    "invoices.CreditMemo",
    "invoices.Debtor",
    "invoices.DebtorSuggestion",
    "invoices.Deposit",
    "invoices.Invoice",
    "invoices.InvoiceChange",
    "invoices.Payable",
    "invoices.Vendor",
    "invoices.VendorMatch",
    "ledger.Account",
    "ledger.IntegrityCheck",
    "ledger.Transaction",
    "quickbooks_app.ApiCall",
    "quickbooks_app.BookkeepingComparison",
    "quickbooks_app.BookkeepingEntry",
    "quickbooks_app.BookkeepingSettings",
    "quickbooks_app.BooksAnswer",
    "quickbooks_app.CompletenessCheck",
    "quickbooks_app.Connection",
    "quickbooks_app.ConsentAttempt",
    "quickbooks_app.Document",
    "quickbooks_app.ImportIssue",
    "quickbooks_app.ImportRun",
    "quickbooks_app.MappingVersion",
    "quickbooks_app.Integration",
    "quickbooks_app.Push",
    "quickbooks_app.ObjectPull",
    "suppliers.AgreementAcceptance",
    "suppliers.AgreementText",
    "suppliers.Application",
    "suppliers.BankAccount",
    "suppliers.Supplier",
    "users.User",
    "verification.Verification",
}

# The pages besides Django's own list, form and history of each model.
PAGES = {
    "core_auditevent_copy",
    "core_auditevent_erase",
    "financing_advance_cancel",
    "financing_advance_dispute",
    "financing_advance_fund",
    "financing_advance_pay",
    "financing_advance_repurchase",
    "financing_advance_settle",
    "financing_advance_short_payment",
    "financing_advance_write_off",
    "financing_approval_approve",
    "financing_approval_reject",
    "financing_case_close",
    "financing_collection_import",
    "financing_collection_import_template",
    "financing_collection_match",
    "financing_collection_record",
    "financing_collection_return",
    "financing_notice_acknowledge",
    "financing_notice_release",
    "financing_notice_resend",
    "financing_payout_resend",
    "financing_payout_fail",
    "financing_payout_balances",
    "financing_payout_remit",
    "financing_financingrequest_decline",
    "financing_financingrequest_offer",
    "financing_offer_withdraw",
    "financing_override_end",
    "invoices_debtor_dismiss",
    "invoices_debtor_join",
    "invoices_debtor_remove",
    "invoices_debtor_suggestions",
    "invoices_debtorsuggestion_undo",
    "invoices_vendor_buyer",
    "invoices_vendormatch_dismiss",
    "invoices_vendormatch_join",
    "invoices_vendormatch_undo",
    "ledger_run_check",
    "ledger_trial_balance",
    "quickbooks_app_bookkeepingentry_customer",
    "quickbooks_app_bookkeepingentry_mark_done",
    "quickbooks_app_bookkeepingentry_undo",
    "quickbooks_app_bookkeepingentry_write_again",
    "quickbooks_app_connection_mapping",
    "quickbooks_app_connection_release",
    "quickbooks_app_mappingversion_use_again",
    "quickbooks_app_integration_disable",
    "quickbooks_app_integration_edit",
    "quickbooks_app_integration_enable",
    "quickbooks_app_integration_mapping",
    "quickbooks_app_integration_remove",
    "quickbooks_app_attachment",
    "quickbooks_app_overview",
    "reports_figures",
    "reports_index",
    "reports_report",
    "quickbooks_app_review",
    "quickbooks_app_review_answer",
    "quickbooks_app_booksanswer_ask_again",
    "quickbooks_app_booksanswer_csv",
    "quickbooks_app_booksanswer_next_page",
    "quickbooks_app_connection_objects",
    "quickbooks_app_connection_push",
    "quickbooks_app_connection_query",
    "quickbooks_app_connection_report",
    "quickbooks_app_push_ask_again",
    "suppliers_application_approve",
    "suppliers_application_hold",
    "suppliers_application_refuse",
    "suppliers_bankaccount_confirm",
    "suppliers_bankaccount_refuse",
    "users_user_activate",
    "users_user_deactivate",
    "users_user_end_sessions",
    "users_user_invite",
    "users_user_remove_factors",
    "users_user_roles",
    "verification_verification_phone",
    "verification_verification_record",
    "verification_verification_resend",
    "verification_verification_withdraw",
}

OF_EACH_MODEL = {"changelist", "add", "history", "delete", "change"}
OF_THE_SITE = {
    *("index", "login", "logout", "password_change", "password_change_done"),
    *("autocomplete", "jsi18n", "view_on_site", "app_list"),
}
# Pages opened by POST, by a script, or during sign-in and sign-out.
NOT_OPENED = {"ledger_run_check", "invoices_debtor_join", "logout", "login", "autocomplete", "jsi18n"}


def test_the_registered_models_are_the_listed_ones() -> None:
    assert {model._meta.label for model in admin.site._registry} == MODELS


def test_the_pages_of_staff_are_the_listed_ones() -> None:
    own = {name for name in address_names() if name.rsplit("_", 1)[-1] not in OF_EACH_MODEL}
    assert own - OF_THE_SITE == PAGES


def test_every_decision_says_what_it_is_who_may_take_it_and_how_its_buttons_are_called() -> None:
    for model_admin in admin.site._registry.values():
        decisions = getattr(model_admin, "decisions", ())
        assert len({decision.name for decision in decisions}) == len(decisions)
        for decision in decisions:
            assert all((decision.name, decision.label, decision.permission)), decision
            if issubclass(decision, DecisionView):
                assert all((decision.title, decision.button)), decision


# Who holds one of these moves money, says where and how much of it may be moved, or takes everything about somebody.
DECIDE_ABOUT_MONEY = {
    "core.answer_data_requests",
    "financing.approve_money_out",
    "financing.fund_advances",
    "financing.override_rules",
    "financing.set_limits",
    "financing.set_terms",
    "financing.settle_advances",
    "suppliers.confirm_bank_account",
    "suppliers.decide_application",
    "suppliers.publish_agreement",
    "users.add_user",
    "users.change_user",
}


def staff_views(base: type[StaffView] = StaffView) -> Iterator[type[StaffView]]:
    for view in base.__subclasses__():
        yield view
        yield from staff_views(view)


def test_every_decision_about_money_asks_for_the_second_factor_anew() -> None:
    decisions = [view for view in staff_views() if view.permission in DECIDE_ABOUT_MONEY]
    assert len(decisions) > 20
    assert [view.__name__ for view in decisions if not view.needs_fresh_factor] == []


@pytest.mark.django_db
def test_every_page_whose_address_needs_no_row_opens(client: Client) -> None:
    client.force_login(EveryPermissionFactory())
    opened = 0
    for name in address_names() - NOT_OPENED:
        try:
            address = reverse(f"admin:{name}")
        except NoReverseMatch:
            continue
        status = client.get(address, follow=True).status_code
        assert status == 200 or (name.endswith("_add") and status == 403), name
        opened += 1
    assert opened > len(MODELS)


@pytest.mark.django_db
def test_the_audit_log_is_on_the_site_that_is_served(client: Client) -> None:
    client.force_login(EveryPermissionFactory())
    assert reverse("admin:core_auditevent_changelist") in client.get(reverse("admin:index")).content.decode()
    assert admin.site.is_registered(AuditEvent)


def address_names() -> set[str]:
    """The names of all URLs of the site, without the namespace."""

    def walk(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns)
            elif pattern.name:
                yield pattern.name

    return set(walk(admin.site.get_urls()))
