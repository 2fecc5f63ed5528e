"""The application says before it begins what it needs and how long it takes, where it stands, and who is next."""

import pytest
from django.test import Client

from infactor.documents.models import Kind
from infactor.documents.storage import File
from infactor.suppliers import applications, supplier_documents
from infactor.suppliers.models import Supplier
from infactor.users.models import User
from tests.functional.infactor.dashboard.account.test_application import COMPANY, PAGE, ROBIN, send
from tests.support.files import PDF
from tests.support.scenarios import onboarding

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _agreement(db: None) -> None:
    onboarding.published()


def text_of(client: Client) -> str:
    return " ".join(client.get(PAGE).content.decode().split())


def test_before_it_begins_the_page_says_what_is_needed_why_and_how_long_it_takes(member: Client) -> None:
    page = text_of(member)
    assert "Before you begin" in page
    assert "This takes about 6 minutes." in page
    assert "We decide within 1 working day after you submit." in page
    assert "The law asks us to check this." in page
    assert "0 of 5 done" in page


def test_a_part_that_is_saved_counts_and_leads_to_the_next(member: Client) -> None:
    assert send(member, "save_company", {})["Location"] == f"{PAGE}#owners-title"
    page = text_of(member)
    assert "Your progress" in page
    assert "1 of 5 done" in page
    assert "about 4 minutes" in page
    assert send(member, "save_owners", ROBIN)["Location"] == f"{PAGE}#bank-title"
    assert "2 of 5 done" in text_of(member)


def test_a_half_of_a_part_says_how_much_of_it_is_there(member: Client) -> None:
    send(member, "save_company", {}, **{**COMPANY, "phone": "", "about": ""})
    assert "5 of 7 answers" in text_of(member)


def test_the_answer_time_is_a_setting(member: Client, settings: object) -> None:
    settings.APPLICATION_DECIDED_WITHIN_DAYS = 3  # type: ignore[attr-defined]
    assert "within 3 working days" in text_of(member)


def test_afterwards_the_page_says_who_does_what_next(member: Client, supplier: Supplier, staff: User) -> None:
    made = onboarding.applied(supplier)
    page = text_of(member)
    assert "What happens next" in page
    assert "We decide within 1 working day and email you." in page
    assert "Still missing: The registration of your company" in page
    assert "Before you begin" not in page
    applications.hold(application=made, by=staff, reason="Which address?", at=onboarding.AT)
    page = text_of(member)
    assert "Answer our question" in page
    assert "Your progress" in page


def test_what_was_uploaded_is_not_asked_for_again(member: Client, supplier: Supplier) -> None:
    onboarding.applied(supplier)
    supplier_documents.upload(
        supplier=supplier,
        kind=Kind.REGISTRATION,
        file=File("register.pdf", PDF),
        note="",
        by=onboarding.owner_of(supplier),
        at=onboarding.AT,
    )
    assert "Still missing: The registration of your company" not in text_of(member)
