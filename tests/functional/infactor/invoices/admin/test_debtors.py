"""Authorized staff group buyers into debtors and remove one again; other staff cannot."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from infactor.invoices.debtors import grouping, suggestions
from infactor.invoices.models import Buyer, Debtor, DebtorSuggestion
from infactor.users.models import User
from infactor.users.roles import OPERATIONS, UNDERWRITER
from tests.support.factories.suppliers import BuyerFactory, UserFactory
from tests.support.payloads import NOON

pytestmark = pytest.mark.django_db
PROPOSED = "admin:invoices_debtor_suggestions"
LIST = "admin:invoices_debtor_changelist"


def in_role(role: str) -> User:
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def underwriter() -> User:
    return in_role(UNDERWRITER)


@pytest.fixture
def staff_member(client: Client, underwriter: User) -> Client:
    client.force_login(underwriter)
    return client


@pytest.fixture
def pair() -> list[Buyer]:
    return [BuyerFactory(name="Acme", tax_id="12-3456789"), BuyerFactory(name="<b>ACME</b> Inc")]


def join_page(*buyers: Buyer) -> str:
    return reverse("admin:invoices_debtor_join") + "?" + "&".join(f"buyer={one.pk}" for one in buyers)


def confirm(client: Client, address: str, **given: Any) -> Any:
    """Submit the form of the page at `address` as a browser would, with its preview token."""
    page = client.get(address)
    return client.post(address, {"preview_token": page.context["preview_token"], **given}, follow=True)


@pytest.fixture
def debtor(underwriter: User, pair: list[Buyer]) -> Debtor:
    return grouping.join(buyers=pair, debtor=None, name="Acme", by=underwriter, at=NOON)


def test_the_proposals_lead_to_a_page_that_joins_them(staff_member: Client) -> None:
    pair = [BuyerFactory(name="Acme", tax_id="12-3456789"), BuyerFactory(name="Acme Inc")]
    assert reverse(PROPOSED) in staff_member.get(reverse(LIST)).content.decode()
    suggestions.refresh(at=NOON)
    page = staff_member.get(reverse(PROPOSED))
    assert "Same name without its legal form" in page.content.decode()
    assert "3456789" not in page.content.decode()
    address = page.context["groups"][0]["join"]
    done = confirm(staff_member, address, name="Acme", buyers=[str(one.pk) for one in pair])
    assert "Acme now has 2 buyers." in done.content.decode()
    assert set(Debtor.objects.get().buyers.all()) == set(pair)
    assert "There are no similar buyers" in staff_member.get(reverse(PROPOSED)).content.decode()


def waiting(client: Client) -> str:
    """The number of pending suggestions on the home page of admin, which folds what is empty."""
    lines = client.get(reverse("admin:index")).context["queues"].own
    return next((line.count for line in lines if line.label == "Possible duplicate buyers"), "0")


def test_what_is_no_company_is_dismissed_with_a_reason_counted_no_more_and_can_be_taken_back(
    staff_member: Client,
) -> None:
    BuyerFactory(name="Acme")
    BuyerFactory(name="Acme Inc")
    suggestions.refresh(at=NOON)
    assert waiting(staff_member) == "1"
    address = reverse("admin:invoices_debtor_dismiss", args=[DebtorSuggestion.objects.get().pk])
    assert address in staff_member.get(reverse(PROPOSED)).content.decode()
    confirm(staff_member, address, reason="x")
    assert waiting(staff_member) == "1"
    done = confirm(staff_member, address, reason="Two shops of the same name")
    assert "Dismissed: these buyers" in done.content.decode()
    assert "There are no similar buyers" in done.content.decode()
    suggestions.refresh(at=NOON)
    assert waiting(staff_member) == "0"
    assert "decided already" in staff_member.get(address, follow=True).content.decode()
    listed = staff_member.get(reverse("admin:invoices_debtorsuggestion_changelist"), {"q": "acme"}).content.decode()
    assert "Two shops of the same name" in listed
    again = reverse("admin:invoices_debtorsuggestion_undo", args=[DebtorSuggestion.objects.get().pk])
    assert "suggested again" in confirm(staff_member, again).content.decode()
    assert waiting(staff_member) == "1"


def test_whoever_is_another_company_is_left_out(staff_member: Client, pair: list[Buyer]) -> None:
    third = BuyerFactory(name="Acme")
    confirm(staff_member, join_page(*pair, third), name="Acme", buyers=[str(third.pk)])
    assert list(Debtor.objects.get().buyers.all()) == [third]


def test_a_later_buyer_joins_the_debtor_that_is_there(staff_member: Client, debtor: Debtor, pair: list[Buyer]) -> None:
    third = BuyerFactory(name="Acme")
    done = confirm(staff_member, join_page(pair[0], third), buyers=[str(third.pk)])
    assert done.redirect_chain[-1][0] == reverse("admin:invoices_debtor_change", args=[debtor.pk])
    assert debtor.buyers.count() == 3


def test_nothing_is_joined_before_it_was_confirmed_with_a_name_and_a_buyer(
    staff_member: Client, pair: list[Buyer]
) -> None:
    page = staff_member.get(join_page(*pair)).content.decode()
    assert "&lt;b&gt;ACME&lt;/b&gt; Inc" in page
    assert "<b>ACME" not in page
    assert "Choose at least one buyer." in confirm(staff_member, join_page(*pair), name="Acme").content.decode()
    confirm(staff_member, join_page(*pair), name=" ", buyers=[str(pair[0].pk)])
    assert not Debtor.objects.exists()


@pytest.mark.parametrize("query", ["?buyer=x", "?buyer=" + "9" * 30, "?buyer=-1"])
def test_an_address_that_names_no_buyers_is_not_found(staff_member: Client, query: str) -> None:
    assert staff_member.get(reverse("admin:invoices_debtor_join") + query).status_code == 404


def test_who_is_joined_already_or_to_several_debtors_is_said(
    staff_member: Client, debtor: Debtor, underwriter: User, pair: list[Buyer]
) -> None:
    page = staff_member.get(join_page(*pair), follow=True).content.decode()
    assert "Choose buyers that belong to no debtor yet" in page
    other = BuyerFactory()
    grouping.join(buyers=[other], debtor=None, name="Other", by=underwriter, at=NOON)
    page = staff_member.get(join_page(pair[0], other, BuyerFactory()), follow=True).content.decode()
    assert "belong to different debtors" in page


def test_a_job_is_refused_on_the_page_with_the_reason(staff_member: Client, pair: list[Buyer]) -> None:
    job = BuyerFactory(name="Hall 2", parent=pair[0], company_file=pair[0].company_file)
    done = confirm(staff_member, join_page(job), name="Acme", buyers=[str(job.pk)])
    assert "Hall 2 is a sub-customer of Acme" in done.content.decode()
    assert not Debtor.objects.exists()


def test_a_buyer_is_taken_out_with_a_reason(staff_member: Client, debtor: Debtor, pair: list[Buyer]) -> None:
    address = reverse("admin:invoices_debtor_remove", args=[pair[0].pk])
    page = staff_member.get(reverse("admin:invoices_debtor_change", args=[debtor.pk])).content.decode()
    assert address in page
    done = confirm(staff_member, address, reason="Another company of the same name")
    assert "Acme is removed from" in done.content.decode()
    assert list(debtor.buyers.all()) == [pair[1]]
    assert "belongs to no debtor" in staff_member.get(address, follow=True).content.decode()


def test_buyers_chosen_in_their_list_can_be_joined(staff_member: Client, pair: list[Buyer]) -> None:
    chosen = {"action": "join_into_debtor", "_selected_action": [one.pk for one in pair]}
    answer = staff_member.post(reverse("admin:invoices_buyer_changelist"), chosen)
    assert answer["Location"] == join_page(*pair) or answer["Location"] == join_page(*reversed(pair))


def test_staffs_word_is_kept_and_a_tax_number_shown_by_its_end_only(
    staff_member: Client, debtor: Debtor, pair: list[Buyer]
) -> None:
    address = reverse("admin:invoices_debtor_change", args=[debtor.pk])
    typed = {"name": "Acme Group", "is_business": "true", "new_tax_id": "98-7654321", "note": ""}
    inline = {"buyers-TOTAL_FORMS": "2", "buyers-INITIAL_FORMS": "2"}
    saved = staff_member.post(address, {**typed, **inline}, follow=True)
    assert saved.status_code == 200
    debtor.refresh_from_db()
    assert (debtor.name, debtor.is_business, debtor.tax_id) == ("Acme Group", True, "98-7654321")
    staff_member.post(address, {**typed, **inline, "new_tax_id": "", "address": "5 Quay Street"})
    debtor.refresh_from_db()
    assert (debtor.tax_id, debtor.address) == ("98-7654321", "5 Quay Street")
    for page in (address, reverse(LIST), reverse("admin:invoices_buyer_change", args=[pair[0].pk])):
        shown = staff_member.get(page).content.decode()
        assert "7654321" not in shown
        assert "3456789" not in shown
    assert "••••4321" in staff_member.get(address).content.decode()


def test_who_may_only_read_sees_and_changes_nothing(client: Client, debtor: Debtor, pair: list[Buyer]) -> None:
    client.force_login(in_role(OPERATIONS))
    alone = [BuyerFactory(name="Bolt"), BuyerFactory(name="Bolt Inc")]
    suggestions.refresh(at=NOON)
    page = client.get(reverse(PROPOSED))
    assert "Bolt Inc" in page.content.decode()
    assert ">Join<" not in page.content.decode()
    dismissing = reverse("admin:invoices_debtor_dismiss", args=[DebtorSuggestion.objects.get().pk])
    assert client.get(dismissing).status_code == 403
    assert client.get(join_page(*alone)).status_code == 403
    assert client.get(reverse("admin:invoices_debtor_remove", args=[pair[0].pk])).status_code == 403
    address = reverse("admin:invoices_debtor_change", args=[debtor.pk])
    page = client.get(address)
    assert (page.status_code, b"_save" in page.content, b"New tax number" in page.content) == (200, False, False)
    assert client.post(address, {"name": "x"}).status_code == 403
    chosen = {"action": "join_into_debtor", "_selected_action": [one.pk for one in alone]}
    client.post(reverse("admin:invoices_buyer_changelist"), chosen)
    assert not Debtor.objects.filter(buyers__in=alone).exists()


def test_who_may_do_everything_reads_the_page_too(client: Client, staff: User, debtor: Debtor) -> None:
    client.force_login(staff)
    page = client.get(reverse("admin:invoices_debtor_change", args=[debtor.pk])).content.decode()
    assert page.count(">Remove<") == 2


def test_debtors_are_neither_added_nor_deleted_by_hand(staff_member: Client, debtor: Debtor) -> None:
    assert staff_member.get(reverse("admin:invoices_debtor_add")).status_code == 403
    assert staff_member.post(reverse("admin:invoices_debtor_delete", args=[debtor.pk])).status_code == 403


def test_the_list_takes_the_same_number_of_queries_for_one_and_for_many(
    staff_member: Client, debtor: Debtor, underwriter: User
) -> None:
    staff_member.get(reverse(LIST))
    with CaptureQueriesContext(connection) as one:
        staff_member.get(reverse(LIST))
    for _ in range(5):
        grouping.get_or_create_debtor(buyer=BuyerFactory(), by=underwriter, at=NOON)
    with CaptureQueriesContext(connection) as many:
        page = staff_member.get(reverse(LIST))
    assert page.status_code == 200
    assert len(many) <= len(one)
