"""Staff group buyers of several suppliers into one debtor, and their eligibility is recalculated."""

import pytest
from django.contrib.auth.models import Permission

from infactor.core.models import AuditEvent
from infactor.invoices.debtors import grouping
from infactor.invoices.debtors.grouping import GroupingError
from infactor.invoices.ingest import revisions, upserts
from infactor.invoices.ingest.records import BuyerRecord
from infactor.invoices.models import Buyer, CompanyFile, Debtor
from infactor.users.models import User
from infactor.users.roles import NotAllowed
from tests.support.factories.suppliers import BuyerFactory, UserFactory
from tests.support.payloads import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def underwriter() -> User:
    user = UserFactory(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="join_debtors"))
    return user


@pytest.fixture
def acme() -> Buyer:
    return BuyerFactory(
        name="Acme", email="ap@gmail.com, ap@acme.example", tax_id="XXXXXX56789", address="5 Quay Street"
    )


@pytest.fixture
def acme_elsewhere() -> Buyer:
    return BuyerFactory(name="ACME Inc.", tax_id="12-3456789")


def revision(buyer: Buyer) -> int:
    return CompanyFile.objects.get(pk=buyer.company_file_id).revision


def join(*buyers: Buyer, by: User, debtor: Debtor | None = None, name: str = "Acme") -> Debtor:
    return grouping.join(buyers=buyers, debtor=debtor, name=name, by=by, at=NOON)


def test_buyers_of_two_suppliers_become_one_debtor_with_what_the_books_know(
    underwriter: User, acme: Buyer, acme_elsewhere: Buyer
) -> None:
    debtor = join(acme, acme_elsewhere, by=underwriter, name=" Acme ")
    assert set(debtor.buyers.all()) == {acme, acme_elsewhere}
    assert (debtor.name, debtor.tax_id, debtor.email_domain, debtor.address, debtor.is_business) == (
        "Acme",
        "12-3456789",
        "acme.example",
        "5 Quay Street",
        None,
    )
    assert debtor.created_by == underwriter
    trail = AuditEvent.objects.filter(event="buyer.joined").order_by("pk")
    assert [(one.subject_id, one.supplier_id, one.actor_id, one.details) for one in trail] == [
        (str(one.pk), one.supplier_id, underwriter.pk, {"debtor": debtor.pk}) for one in (acme, acme_elsewhere)
    ]


def test_a_buyer_joined_later_changes_the_facts_of_every_supplier_of_the_debtor(
    underwriter: User, acme: Buyer, acme_elsewhere: Buyer
) -> None:
    debtor = join(acme, by=underwriter)
    before = revision(acme)
    join(acme_elsewhere, debtor=debtor, by=underwriter)
    assert (revision(acme), revision(acme_elsewhere)) == (before + 1, 1)
    grouping.remove(buyer=acme_elsewhere, by=underwriter, at=NOON, reason="Another company")
    assert (revision(acme), revision(acme_elsewhere)) == (before + 2, 2)


def test_a_buyer_is_taken_out_and_the_debtor_stays(underwriter: User, acme: Buyer) -> None:
    debtor = join(acme, by=underwriter)
    grouping.remove(buyer=acme, by=underwriter, at=NOON, reason="Another company")
    acme.refresh_from_db()
    assert (acme.debtor, Debtor.objects.get()) == (None, debtor)
    assert AuditEvent.objects.get(event="buyer.left").reason == "Another company"
    with pytest.raises(GroupingError):
        grouping.remove(buyer=acme, by=underwriter, at=NOON)


def test_joining_again_what_is_joined_changes_nothing(underwriter: User, acme: Buyer) -> None:
    debtor = join(acme, by=underwriter)
    assert join(acme, debtor=debtor, by=underwriter) == debtor
    assert AuditEvent.objects.filter(event="buyer.joined").count() == 1


def test_a_job_goes_with_its_top_customer(underwriter: User, acme: Buyer) -> None:
    job = BuyerFactory(company_file=acme.company_file, name="Hall 2", parent=acme)
    with pytest.raises(GroupingError, match="Hall 2 is a sub-customer of Acme"):
        join(job, by=underwriter)
    assert not Debtor.objects.exists()
    debtor = grouping.get_or_create_debtor(buyer=job, by=underwriter, at=NOON)
    acme.refresh_from_db()
    assert acme.debtor == debtor
    assert grouping.get_or_create_debtor(buyer=acme, by=underwriter, at=NOON) == debtor


def test_a_buyer_of_another_debtor_is_not_taken_from_it(underwriter: User, acme: Buyer, acme_elsewhere: Buyer) -> None:
    first = join(acme, by=underwriter)
    with pytest.raises(GroupingError, match="already belongs to Acme"):
        join(acme_elsewhere, acme, by=underwriter, name="Other")
    acme_elsewhere.refresh_from_db()
    assert (list(Debtor.objects.all()), acme_elsewhere.debtor) == ([first], None)


@pytest.mark.parametrize("name", ["", "  "])
def test_a_debtor_needs_a_name_and_a_buyer(underwriter: User, acme: Buyer, name: str) -> None:
    with pytest.raises(GroupingError, match="needs a name"):
        join(acme, by=underwriter, name=name)
    with pytest.raises(GroupingError, match="at least one buyer"):
        join(by=underwriter)


def test_staffs_word_is_written_and_reaches_every_supplier(underwriter: User, acme: Buyer) -> None:
    debtor = join(acme, by=underwriter)
    before = revision(acme)
    changed = grouping.update(debtor=debtor, changes={"is_business": True, "note": "x"}, by=underwriter, at=NOON)
    assert (changed.is_business, revision(acme)) == (True, before + 1)
    assert AuditEvent.objects.get(event="debtor.updated").details == {"fields": ["is_business", "note"]}
    grouping.update(debtor=debtor, changes={"is_business": True}, by=underwriter, at=NOON)
    assert revision(acme) == before + 1
    with pytest.raises(GroupingError):
        grouping.update(debtor=debtor, changes={"name": " "}, by=underwriter, at=NOON)
    with pytest.raises(ValueError, match="public_id"):
        grouping.update(debtor=debtor, changes={"public_id": 1}, by=underwriter, at=NOON)


def test_only_staff_with_the_permission_may_join(acme: Buyer, underwriter: User) -> None:
    debtor = join(acme, by=underwriter)
    for nobody in (None, UserFactory(), UserFactory(is_staff=True)):
        with pytest.raises(NotAllowed):
            grouping.join(buyers=[acme], debtor=None, name="Acme", by=nobody, at=NOON)
        with pytest.raises(NotAllowed):
            grouping.remove(buyer=acme, by=nobody, at=NOON)
        with pytest.raises(NotAllowed):
            grouping.get_or_create_debtor(buyer=acme, by=nobody, at=NOON)
        with pytest.raises(NotAllowed):
            grouping.update(debtor=debtor, changes={"note": "x"}, by=nobody, at=NOON)


def test_books_that_are_read_again_leave_a_buyer_in_its_debtor(underwriter: User, acme: Buyer) -> None:
    debtor = join(acme, by=underwriter)
    record = BuyerRecord(reference=acme.reference, name="Acme Holdings", books_updated_at=NOON)
    upserts.upsert_buyers(company_file=acme.company_file, records=[record], at=NOON)
    acme.refresh_from_db()
    assert (acme.name, acme.debtor) == ("Acme Holdings", debtor)
    assert revisions.total(supplier=acme.supplier) == 2
