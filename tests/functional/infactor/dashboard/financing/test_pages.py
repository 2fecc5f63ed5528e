"""Long lists come in pages: totals are of everything, and a page of one list leaves the others where they are."""

import re

import pytest
from django.test import Client

from infactor.dashboard.financing import overview_view
from infactor.dashboard.home import todo
from infactor.dashboard.statement import views as statement_views
from infactor.financing.advances import cases
from infactor.financing.models import Advance, Case
from tests.support.scenarios.lifecycle import Lifecycle

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview_view, "PER_PAGE", 2)
    monkeypatch.setattr(statement_views, "PER_PAGE", 3)
    monkeypatch.setattr(todo, "MAX_CASES", 1)


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def section(page: str, name: str) -> str:
    found = re.search(rf'<section[^>]*aria-labelledby="{name}">(.*?)</section>', page, re.DOTALL)
    assert found, name
    return found[1]


def rows(text: str) -> list[str]:
    return re.findall(r'<a class="row-link" href="([^"]+)"', text)


def test_every_advance_is_on_one_page_and_the_total_is_that_of_all(client: Client, lifecycle: Lifecycle) -> None:
    whole = Advance.objects.filter(supplier=lifecycle.scenario.supplier, status__in=["funded", "collected"]).count()
    assert whole > 2
    seen: list[str] = []
    for number in range(1, (whole + 1) // 2 + 1):
        page = read(client, f"/financing/?advances={number}")
        seen += rows(section(page, "advances"))
        assert f"of {whole}" in section(page, "advances")
        assert f"{whole} invoices" in " ".join(section(page, "outstanding-USD").split())
    assert len(seen) == len(set(seen)) == whole


def test_the_page_of_one_list_keeps_that_of_another(client: Client, lifecycle: Lifecycle) -> None:
    page = read(client, "/financing/?expected-collections=2")
    assert "?expected-collections=2&amp;advances=2#advances" in section(page, "advances")
    assert 'aria-current="page"><span class="visually-hidden">Page </span>2' in section(page, "expected-collections")
    assert 'aria-current="page"><span class="visually-hidden">Page </span>1' in section(page, "advances")


@pytest.mark.parametrize("number", ["0", "-1", "x", "9" * 40, ""])
def test_a_page_that_is_none_shows_one_that_is(client: Client, lifecycle: Lifecycle, number: str) -> None:
    assert rows(section(read(client, f"/financing/?advances={number}"), "advances"))
    assert "nowrap" in section(read(client, f"/statement/?statement-USD={number}"), "statement-USD")


def test_the_statement_brings_its_opening_balance_forward_on_the_last_page(
    client: Client, lifecycle: Lifecycle
) -> None:
    first = section(read(client, "/statement/"), "statement-USD")
    last = section(read(client, "/statement/?statement-USD=99"), "statement-USD")
    assert "Balance brought forward" not in first
    assert "Balance brought forward" in last
    closing = re.search(r"Closing balance.*?<dd[^>]*>(.*?)</dd>", first, re.DOTALL)
    assert closing
    assert closing[1] in last, "the figures above are those of the whole period"


def test_home_names_the_first_cases_and_how_many_there_are_besides(client: Client, lifecycle: Lifecycle) -> None:
    scenario = lifecycle.scenario
    funded = Advance.objects.filter(supplier=scenario.supplier, status="funded")
    for advance in funded.exclude(cases__in=Case.objects.filter(closed_at=None)):
        cases.open_dispute(advance=advance, by=scenario.operations, at=scenario.now, reason="Broken cups")
    number = Case.objects.filter(supplier=scenario.supplier, closed_at=None).count()
    assert number > 2
    page = read(client, "/")
    assert f"{number - 1} more invoices need you." in page
