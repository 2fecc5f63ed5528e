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
from tests.support.admin_site import MODELS, PAGES
from tests.support.factories.suppliers import EveryPermissionFactory

OF_EACH_MODEL = {"changelist", "add", "history", "delete", "change", "export"}
OF_THE_SITE = {
    *("index", "login", "logout", "password_change", "password_change_done"),
    *("autocomplete", "jsi18n", "view_on_site", "app_list"),
}
# Pages opened by POST, by a script, or during sign-in and sign-out.
NOT_OPENED = {
    *("ledger_run_check", "invoices_debtor_join", "suppliers_viewing_stop"),
    *("logout", "login", "autocomplete", "jsi18n"),
    "correspondence_thread_add",  # it names the row that is written about
    "financing_microdeposits_add",  # it names the account
}


def test_the_registered_models_are_the_listed_ones() -> None:
    assert {model._meta.label for model in admin.site._registry} == MODELS


def test_the_pages_of_staff_are_the_listed_ones() -> None:
    models = {f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry}
    of_models = {f"{model}_{page}" for model in models for page in OF_EACH_MODEL}
    assert address_names() - of_models - OF_THE_SITE == PAGES


def test_every_decision_says_what_it_is_who_may_take_it_and_how_its_buttons_are_called() -> None:
    for model_admin in admin.site._registry.values():
        decisions = getattr(model_admin, "decisions", ())
        assert len({decision.name for decision in decisions}) == len(decisions)
        for decision in decisions:
            assert all((decision.name, decision.label, decision.permission)), decision
            if issubclass(decision, DecisionView):
                assert all((decision.title, decision.button)), decision


# Who holds one of these moves money, says where and how much of it may be moved, or sees everything about somebody.
DECIDE_ABOUT_MONEY = {
    "banking.keep_house_accounts",
    "core.answer_data_requests",
    "financing.approve_money_out",
    "financing.fund_advances",
    "financing.mark_debtors",
    "financing.override_rules",
    "financing.set_limits",
    "financing.set_terms",
    "financing.settle_advances",
    "financing.charge_suppliers",
    "suppliers.confirm_bank_account",
    "suppliers.decide_application",
    "suppliers.open_supplier_pages",
    "suppliers.release_supplier",
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
