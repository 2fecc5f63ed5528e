"""Debtor suggestions wait as rows for staff; a dismissed one stays dismissed until it is restored."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission

from infactor.core.models import AuditEvent
from infactor.invoices.debtors import grouping, suggestions
from infactor.invoices.models import Buyer, Debtor, DebtorSuggestion
from infactor.users.models import User
from infactor.users.roles import NotAllowed
from tests.support.factories.suppliers import BuyerFactory, UserFactory
from tests.support.payloads import NOON

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=1)


@pytest.fixture
def underwriter() -> User:
    user = UserFactory(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="join_debtors"))
    return user


@pytest.fixture
def pair() -> list[Buyer]:
    return [BuyerFactory(name="Acme"), BuyerFactory(name="Acme Inc")]


def waiting() -> list[set[Buyer]]:
    """The suggestions that are pending now."""
    suggestions.refresh(at=LATER)
    return [set(row.buyers.all()) for row in DebtorSuggestion.objects.filter(dismissed_at=None).order_by("pk")]


def dismiss(by: User) -> DebtorSuggestion:
    suggestions.refresh(at=NOON)
    row = DebtorSuggestion.objects.get(dismissed_at=None)
    return suggestions.dismiss(suggestion=row, by=by, at=NOON, reason="Two shops of one name")


def test_a_proposal_waits_since_it_was_found_and_goes_when_nothing_is_alike_any_more(pair: list[Buyer]) -> None:
    suggestions.refresh(at=NOON)
    assert waiting() == [set(pair)]
    row = DebtorSuggestion.objects.get()
    assert (row.found_at, row.kinds, row.score) == (NOON, ["name"], 60)
    Buyer.objects.update(email="ap@acme.example")
    waiting()
    row.refresh_from_db()
    assert (row.found_at, row.kinds) == (NOON, ["name", "domain"])
    Buyer.objects.filter(pk=pair[0].pk).update(is_active=False)
    assert waiting() == []


def test_what_is_joined_waits_no_more_and_who_was_left_out_does(underwriter: User, pair: list[Buyer]) -> None:
    third = BuyerFactory(name="ACME")
    suggestions.refresh(at=NOON)
    debtor = grouping.join(buyers=pair, debtor=None, name="Acme", by=underwriter, at=NOON)
    assert waiting() == [{*pair, third}]
    assert DebtorSuggestion.objects.get().debtor == debtor
    grouping.join(buyers=[third], debtor=debtor, name="", by=underwriter, at=NOON)
    assert not DebtorSuggestion.objects.exists()


def test_a_dismissal_says_who_when_and_why_and_holds_whatever_else_they_have_in_common(
    underwriter: User, pair: list[Buyer]
) -> None:
    row = dismiss(underwriter)
    Buyer.objects.update(email="ap@acme.example", tax_id="12-3456789")
    assert waiting() == []
    row.refresh_from_db()
    assert (row.dismissed_by, row.dismissed_at, row.reason) == (underwriter, NOON, "Two shops of one name")
    told = AuditEvent.objects.get(event="debtor.suggestion_dismissed")
    assert (told.actor, told.reason) == (underwriter, "Two shops of one name")
    assert told.details == {"buyers": [one.pk for one in pair], "debtor": None}
    with pytest.raises(suggestions.SuggestionError):
        suggestions.dismiss(suggestion=row, by=underwriter, at=LATER, reason="Once more")


def test_a_dismissed_pair_is_proposed_again_only_with_somebody_new(underwriter: User, pair: list[Buyer]) -> None:
    dismiss(underwriter)
    Buyer.objects.filter(pk=pair[0].pk).update(email="ap@acme.example")
    elsewhere = BuyerFactory(email="bills@acme.example")
    assert waiting() == [{pair[0], elsewhere}]
    third = BuyerFactory(name="Acme")
    assert waiting() == [{*pair, elsewhere, third}]


def test_a_dismissal_that_is_taken_back_is_proposed_again(underwriter: User, pair: list[Buyer]) -> None:
    row = dismiss(underwriter)
    suggestions.undo_dismissal(suggestion=row, by=underwriter, at=LATER)
    assert waiting() == [set(pair)]
    assert AuditEvent.objects.get(event="debtor.dismissal_undone").subject_id == str(row.pk)
    with pytest.raises(suggestions.SuggestionError):
        suggestions.undo_dismissal(suggestion=row, by=underwriter, at=LATER)


def test_who_was_taken_out_of_a_debtor_is_not_proposed_for_it_again(underwriter: User, pair: list[Buyer]) -> None:
    grouping.join(buyers=pair, debtor=None, name="Acme", by=underwriter, at=NOON)
    grouping.remove(buyer=pair[0], by=underwriter, at=NOON, reason="Another Acme")
    assert waiting() == []
    assert DebtorSuggestion.objects.get().reason == "Another Acme"


def test_a_customer_above_a_joined_one_can_be_dismissed_too(underwriter: User) -> None:
    debtor = Debtor.objects.create(name="Acme", created_by=underwriter)
    top = BuyerFactory(name="Acme Holdings")
    BuyerFactory(name="Acme", debtor=debtor, parent=top, company_file=top.company_file)
    assert dismiss(underwriter).debtor == debtor
    assert waiting() == []


def test_only_who_joins_dismisses_and_takes_back(underwriter: User, pair: list[Buyer]) -> None:
    row = dismiss(underwriter)
    stranger = UserFactory(is_staff=True)
    with pytest.raises(NotAllowed):
        suggestions.dismiss(suggestion=row, by=stranger, at=NOON, reason="Why not")
    with pytest.raises(NotAllowed):
        suggestions.undo_dismissal(suggestion=row, by=stranger, at=NOON)
