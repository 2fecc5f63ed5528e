"""Where two people accept, nobody binds the company alone: not by proposing, switching off, leaving or an old page."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from infactor.core.models import AuditEvent
from infactor.core.transitions import TransitionNotAllowed
from infactor.financing.models import Acceptance, AcceptanceProposal, Offer
from infactor.financing.origination import acceptance, offers, proposals
from infactor.financing.origination.acceptance import AcceptanceError, FiguresChanged
from infactor.suppliers import people, two_people
from infactor.suppliers.models import Membership, Notification, Supplier
from infactor.suppliers.two_people import CannotSwitch
from infactor.users import roles
from infactor.users.models import User
from tests.support.admin_client import visible_text
from tests.support.factories.suppliers import PASSWORD, MembershipFactory
from tests.support.scenarios.lifecycle import Lifecycle

pytestmark = pytest.mark.django_db
Role = Membership.Role
SETTINGS = "/settings/two-people/"


class Company:
    """The scenario's offer, its first owner, a second owner, Finance and a reader; two people accept."""

    def __init__(self, lifecycle: Lifecycle) -> None:
        self.scenario, self.offer = lifecycle.scenario, lifecycle.offer
        self.supplier, self.owner, self.now = self.scenario.supplier, self.scenario.owner, self.scenario.now
        self.partner, self.finance, self.reader = (
            MembershipFactory(supplier=self.supplier, role=role).user
            for role in (Role.OWNER, Role.FINANCE, Role.READER)
        )
        two_people.switch_on(supplier=self.supplier, by=self.owner, at=self.now)
        self.shown = self.scenario.shown(self.offer)

    def propose(self, by: User, **given: Any) -> AcceptanceProposal:
        values = {"at": self.now, "disclosure_digest": self.shown, **given}
        return proposals.propose(offer=self.offer, by=by, **values)

    def confirm(self, proposal: AcceptanceProposal, by: User, **given: Any) -> list[Any]:
        values = {"at": self.now, "disclosure_digest": self.shown, **given}
        return proposals.confirm(proposal=proposal, by=by, **values)


@pytest.fixture
def company(lifecycle: Lifecycle) -> Company:
    return Company(lifecycle)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_one_proposes_and_another_owner_confirms_on_their_pages(company: Company) -> None:
    page = reverse("dashboard:offer", args=[company.offer.public_id])
    lines = [str(line.invoice.public_id) for line in company.offer.lines.all()]
    finance, partner = client_of(company.finance), client_of(company.partner)
    assert "Propose to accept $" in visible_text(finance.get(page))
    assert "Accept $" not in visible_text(partner.get(page))
    form = {"disclosure_digest": company.shown, "line": lines}
    told = finance.post(reverse("dashboard:offer_propose", args=[company.offer.public_id]), form, follow=True)
    assert "Waiting for a second person" in visible_text(told)
    assert "You cannot confirm what you proposed yourself" in visible_text(told)
    heard = set(Notification.objects.filter(title__contains="confirm").values_list("user__email", flat=True))
    assert company.partner.email in heard
    shown = partner.get(page)
    assert f"{company.finance.email} proposed to accept this" in visible_text(shown)
    assert "Confirm $" in visible_text(shown)
    done = partner.post(
        reverse("dashboard:offer_confirm", args=[company.offer.public_id]),
        {"disclosure_digest": company.shown},
        follow=True,
    )
    assert "You have accepted the offer" in visible_text(done)
    assert f"Proposed by {company.finance}" in visible_text(done)
    accepted = Acceptance.objects.get(offer=company.offer)
    assert accepted.proposal is not None
    assert (accepted.proposal.proposed_by, accepted.accepted_by) == (company.finance, company.partner)
    assert accepted.proposal.disclosure_digest == accepted.disclosure_digest
    assert AuditEvent.objects.filter(event="acceptance.proposed", actor_id=company.finance.pk).exists()


def test_nobody_accepts_alone(company: Company) -> None:
    with pytest.raises(AcceptanceError, match="Two people accept offers here"):
        acceptance.accept(offer=company.offer, by=company.owner, at=company.now, disclosure_digest=company.shown)
    proposal = company.propose(company.owner)
    assert company.propose(company.owner) == proposal  # a double click
    with pytest.raises(AcceptanceError, match="You proposed this yourself"):
        company.confirm(proposal, company.owner)
    for who in (company.finance, company.reader):
        with pytest.raises(roles.NotAllowed):
            company.confirm(proposal, who)
    with pytest.raises(roles.NotAllowed):
        company.propose(company.reader)
    with pytest.raises(AcceptanceError, match="proposed already"):
        company.propose(company.finance)
    with pytest.raises(IntegrityError, match="proposal_confirmed_by_somebody_else"):
        AcceptanceProposal.objects.filter(pk=proposal.pk).update(
            status="confirmed", decided_by=company.owner, decided_at=company.now
        )


def test_a_proposal_ends_once_whoever_ends_it(company: Company) -> None:
    proposal = company.propose(company.finance)
    with pytest.raises(roles.NotAllowed):
        proposals.withdraw(proposal=proposal, by=company.reader, at=company.now)
    proposals.withdraw(proposal=proposal, by=company.finance, at=company.now)
    for act in (company.confirm, lambda one, by: proposals.withdraw(proposal=one, by=by, at=company.now)):
        with pytest.raises(TransitionNotAllowed):
            act(proposal, company.partner)
    assert "was ended by" in visible_text(
        client_of(company.partner).get(reverse("dashboard:offer", args=[company.offer.public_id]))
    )
    again = company.propose(company.finance)
    company.confirm(again, company.owner)
    with pytest.raises(TransitionNotAllowed):
        company.confirm(again, company.partner)
    assert Acceptance.objects.filter(offer=company.offer).count() == 1


def test_what_was_for_an_earlier_day_or_has_changed_is_proposed_anew(company: Company) -> None:
    proposal = company.propose(company.finance)
    tomorrow = company.now + timedelta(days=1)
    with pytest.raises(AcceptanceError, match="earlier day"):
        company.confirm(proposal, company.owner, at=tomorrow)
    company.scenario.later(1)
    fresh = company.propose(company.owner, at=tomorrow, disclosure_digest=company.scenario.shown(company.offer))
    proposal.refresh_from_db()
    assert (proposal.status, fresh.status) == ("expired", "waiting")
    AcceptanceProposal.objects.filter(pk=fresh.pk).update(disclosure_digest="0" * 64)
    with pytest.raises(proposals.ProposalChanged):
        company.confirm(fresh, company.partner, at=tomorrow)
    fresh.refresh_from_db()
    assert (fresh.status, Offer.objects.get(pk=company.offer.pk).status) == ("changed", "proposed")


def test_figures_that_were_not_shown_are_neither_proposed_nor_confirmed(company: Company) -> None:
    with pytest.raises(FiguresChanged):
        company.propose(company.finance, disclosure_digest="0" * 64)
    line = company.offer.lines.first()
    assert line is not None
    proposal = AcceptanceProposal.objects.filter(offer=company.offer)
    assert not proposal.exists()
    made = company.propose(company.finance)
    with pytest.raises(AcceptanceError, match="other figures"):
        company.confirm(made, company.owner, disclosure_digest="1" * 64)


def test_an_offer_that_is_declined_ends_its_proposal(company: Company) -> None:
    proposal = company.propose(company.finance)
    offers.decline(offer=company.offer, by=company.owner, at=company.now)
    proposal.refresh_from_db()
    assert proposal.status == "withdrawn"
    with pytest.raises(TransitionNotAllowed):
        company.confirm(proposal, company.partner)


def test_whoever_leaves_takes_their_proposal_along_and_the_rule_stays(company: Company) -> None:
    proposal = company.propose(company.finance)
    for member in Membership.objects.filter(supplier=company.supplier, user__in=[company.finance, company.partner]):
        people.remove(membership=member, by=company.owner, at=company.now)
    with pytest.raises(AcceptanceError, match="may not act for the company"):
        company.confirm(proposal, company.owner)
    proposals.withdraw(proposal=proposal, by=company.owner, at=company.now)
    with pytest.raises(AcceptanceError, match="Invite a second owner"):
        company.propose(company.owner)
    with pytest.raises(AcceptanceError, match="Two people"):
        acceptance.accept(offer=company.offer, by=company.owner, at=company.now, disclosure_digest=company.shown)
    clerk = MembershipFactory(supplier=company.supplier, role=Role.FINANCE).user
    assert company.confirm(company.propose(clerk), company.owner)  # a company is never locked out


def test_switching_off_takes_two_people(company: Company) -> None:
    switch = {"supplier": company.supplier, "at": company.now}
    two_people.ask_to_switch_off(by=company.owner, **switch)
    with pytest.raises(CannotSwitch, match="yourself"):
        two_people.switch_off(by=company.owner, **switch)
    with pytest.raises(roles.NotAllowed):
        two_people.switch_off(by=company.finance, **switch)
    late = {**switch, "at": company.now + timedelta(days=7)}
    with pytest.raises(CannotSwitch, match="too long ago"):
        two_people.switch_off(by=company.partner, **late)
    two_people.keep_on(by=company.finance, **switch)
    assert two_people.is_needed(supplier=company.supplier)
    two_people.ask_to_switch_off(by=company.finance, **switch)
    two_people.switch_off(by=company.partner, **switch)
    assert not two_people.is_needed(supplier=company.supplier)
    assert acceptance.accept(offer=company.offer, by=company.owner, at=company.now, disclosure_digest=company.shown)


def test_it_is_switched_on_and_off_in_settings(supplier: Supplier) -> None:
    owner = client_of(supplier.members.get())
    owner.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    alone = owner.post(SETTINGS, {"action": "on"}, follow=True)
    assert "You are the only one who can accept offers" in visible_text(alone)
    finance = client_of(MembershipFactory(supplier=supplier, role=Role.FINANCE).user)
    assert "Only an owner can switch it on" in visible_text(finance.get(SETTINGS))
    assert "two people accept offers" in visible_text(owner.post(SETTINGS, {"action": "on"}, follow=True))
    assert "You are the only owner" in visible_text(owner.get(SETTINGS))
    assert "Another owner has to confirm this, and there is none" in visible_text(
        owner.post(SETTINGS, {"action": "ask-off"}, follow=True)
    )
    reader = client_of(MembershipFactory(supplier=supplier, role=Role.READER).user)
    assert reader.post(SETTINGS, {"action": "ask-off"}).status_code == 403
    assert two_people.state(supplier=supplier, at=timezone.now()).needs_two
