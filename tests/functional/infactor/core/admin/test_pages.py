"""Staff's pages use plain English and link to each other."""

import re
from collections.abc import Callable

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.text import capfirst

from infactor.users.models import User
from tests.support.scenarios.financing import Scenario, build_scenario
from tests.support.scenarios.sample_data import CANARY, create_sample_data

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
# Unformatted values: None, a state's key, an ISO date, three decimals, a row without a name.
RAW = re.compile(r"\b(?:None|True|[a-z]+_[a-z_]+|\d{4}-\d\d-\d\d|(?<![\d.])\d+\.\d{3}(?![\d.])|\w+ object \(\d+\))")
# Python's or JSON's way to write nested data.
CODE = re.compile(r"""(?:\{|\[)(?:&#x27;|&quot;|["'{\[])\S*""")
# Pages that show raw values on purpose: documents from QuickBooks, the audit trail and the emails.
AS_THEY_CAME = {
    "apicall",
    "document",
    "importissue",
    "invoice",
    "invoicechange",
    "integration",
    "auditevent",
    "outgoingmail",
}
FILES = {("notice", "letter")}  # a PDF
PRODUCT = (
    "core",
    "suppliers",
    "invoices",
    "ledger",
    "verification",
    "financing",
    "month_end",
    "desk",
    "quickbooks_app",
)


@pytest.fixture(scope="module")
def scenario_builder() -> Callable[[], Scenario]:
    def build() -> Scenario:
        scenario = build_scenario(name=f"Larkspur {CANARY}")
        scenario.terms()
        return scenario

    return build


def page_of(client: Client, path: str) -> str:
    page = client.get(path, follow=True)
    assert page.status_code == 200, path
    return page.content.decode()


def read(client: Client, address: str) -> str:
    """The text of a page between its header and its footer."""
    main = page_of(client, address).split('<main id="content-start"')[1].split("<footer")[0]
    return strip_tags(re.sub(r"<script.*?</script>", " ", main, flags=re.S).replace("<", " <"))


def test_every_list_of_staff_and_the_first_page_behind_it_read_as_people_write(
    client: Client, scenario: Scenario, staff: User
) -> None:
    create_sample_data(scenario, 1)
    client.force_login(staff)
    found = []
    for model, shown_by in admin.site._registry.items():
        app, name = model._meta.app_label, model._meta.model_name
        if app not in PRODUCT:
            continue
        words = read(client, reverse(f"admin:{app}_{name}_changelist"))
        assert capfirst(str(model._meta.verbose_name_plural)) in words
        first = model._base_manager.order_by("pk").last()
        if first is not None:
            steps = ["change", *(one.name for one in getattr(shown_by, "decisions", ()) if one.is_possible(first))]
            for step in [one for one in steps if (name, one) not in FILES]:
                words += read(client, reverse(f"admin:{app}_{name}_{step}", args=[first.pk]))
        found += [f"{name}: {one}" for one in CODE.findall(words)]
        if name not in AS_THEY_CAME:
            found += [f"{name}: {one}" for one in RAW.findall(words)]
    assert found == []


def test_the_page_of_an_invoice_leads_to_what_may_be_done_about_it(client: Client, scenario: Scenario) -> None:
    invoice = scenario.invoice(scenario.buyer("Northwind"), invoice_no="INV-77")
    address = reverse("admin:invoices_invoice_change", args=[invoice.pk])
    phone = reverse("admin:verification_verification_phone", args=[invoice.pk])
    rule = f"{reverse('admin:financing_override_add')}?invoice={invoice.pk}"
    seen = {}
    for one in (scenario.underwriter, scenario.operations, scenario.reader):
        client.force_login(one)
        page = page_of(client, address)
        seen[one] = (phone in page, rule in page)
        for name in ("financing_eligibility", "verification_verification", "financing_advance"):
            listed = f"{reverse(f'admin:{name}_changelist')}?invoice={invoice.pk}"
            assert listed in page
            page_of(client, listed)
    assert list(seen.values()) == [(True, True), (True, False), (False, False)]
    client.force_login(scenario.underwriter)
    assert f'value="{invoice.pk}"' in page_of(client, rule)
    limit = f"{reverse('admin:financing_limit_add')}?buyer={invoice.buyer.pk}"
    assert limit in page_of(client, reverse("admin:invoices_buyer_change", args=[invoice.buyer.pk]))
    assert f'name="buyer" value="{invoice.buyer.pk}"' in page_of(client, limit)
