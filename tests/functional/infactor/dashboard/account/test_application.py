"""A supplier applies on one page: the form keeps what was typed and names each missing field."""

from typing import Any

import pytest
from django.test import Client

from infactor.core.models import AuditEvent
from infactor.suppliers import agreements, applications, bank_accounts
from infactor.suppliers.models import AgreementAcceptance, Application, Membership, Supplier
from infactor.users.models import User
from tests.support.factories.suppliers import MembershipFactory, UserFactory
from tests.support.scenarios import onboarding

pytestmark = pytest.mark.django_db
PAGE = "/application/"
COMPANY = {
    "legal_name": "Larkspur Coffee Roasters LLC",
    "tax_id": "98-7654321",
    "address_line1": "12 Mill Street",
    "city": "Portland",
    "country": "US",
    "phone": "+1 503 555 0100",
    "about": "Roasted coffee, to cafés.",
}
ROBIN = {"name": "Robin Larkspur", "share": "60", "email": "robin@example.com", "date_of_birth": "1980-02-28"}


def rows(*owners: dict[str, str], removed: int | None = None) -> dict[str, str]:
    form = {"owners-TOTAL_FORMS": str(len(owners)), "owners-INITIAL_FORMS": "0"}
    for number, owner in enumerate(owners):
        form |= {f"owners-{number}-{name}": value for name, value in owner.items()}
    if removed is not None:
        form[f"owners-{removed}-DELETE"] = "on"
    return form


def send(client: Client, action: str, *owners: dict[str, str], removed: int | None = None, **changes: str) -> Any:
    sent = {**COMPANY, **rows(*(owners or (ROBIN,)), removed=removed), "action": action, **changes}
    return client.post(PAGE, sent, headers={"user-agent": "Browser/1"})


@pytest.fixture(autouse=True)
def _agreement(db: None) -> None:
    onboarding.published()


@pytest.fixture
def account(supplier: Supplier) -> None:
    bank_accounts.add(supplier=supplier, details=onboarding.entry(), by=onboarding.owner_of(supplier), at=onboarding.AT)


def accepting() -> dict[str, str]:
    return {"version": str(onboarding.published().version), "accepted": "on"}


def test_the_page_begins_with_the_name_of_the_company_and_an_empty_row(member: Client) -> None:
    page = member.get(PAGE).content.decode()
    assert 'value="Larkspur Coffee Roasters"' in page
    assert "Owner 1" in page
    assert "Not submitted yet" in page
    assert onboarding.published().body.splitlines()[0][:40] in page
    assert not Application.objects.exists(), "looking changes nothing"


def test_a_draft_is_kept_with_whatever_is_there(member: Client) -> None:
    assert send(member, "save", {}, legal_name="Half", tax_id="", country="")["Location"] == PAGE
    kept = Application.objects.get()
    assert (kept.status, kept.legal_name, kept.owners.count()) == ("draft", "Half", 0)
    assert 'value="Half"' in member.get(PAGE).content.decode()


def test_what_is_missing_is_named_beside_its_field_and_nothing_typed_is_lost(member: Client) -> None:
    wrong = {**ROBIN, "share": "sixty"}
    page = send(member, "submit", wrong, phone="", city="Portlandia", version="1").content.decode()
    assert 'href="#id_phone"' in page
    assert 'id="id_phone_error"' in page
    assert 'href="#id_owners-0-share"' in page
    assert 'href="#id_accepted"' in page
    assert 'value="Portlandia"' in page
    assert 'value="sixty"' in page
    assert not Application.objects.exists()


def test_without_a_bank_account_it_is_not_submitted(member: Client) -> None:
    page = send(member, "submit", **accepting()).content.decode()
    assert "Still missing: a bank account." in page
    assert not Application.objects.exists()
    assert not AgreementAcceptance.objects.exists(), "all of it or nothing"


def test_submitting_keeps_who_accepted_which_version_when_and_from_where(
    member: Client, supplier: Supplier, account: None
) -> None:
    assert send(member, "submit", **accepting())["Location"] == PAGE
    made = Application.objects.get()
    assert (made.status, made.submitted_by, made.tax_id) == ("submitted", supplier.members.get(), "98-7654321")
    accepted = AgreementAcceptance.objects.get()
    assert (accepted.text.version, accepted.user, accepted.supplier) == (1, supplier.members.get(), supplier)
    assert (accepted.ip_address, accepted.user_agent) == ("127.0.0.1", "Browser/1")
    page = member.get(PAGE).content.decode()
    assert "We are checking your application." in page
    assert "98-7654321" not in page
    assert "1980-02-28" not in page
    assert 'name="legal_name"' not in page


def test_while_it_is_checked_nothing_can_be_changed(member: Client, supplier: Supplier) -> None:
    onboarding.applied(supplier)
    assert send(member, "save", legal_name="Other")["Location"] == PAGE
    assert "you cannot change it now" in member.get(PAGE).content.decode()
    assert Application.objects.get().legal_name == onboarding.COMPANY.legal_name


def test_an_older_version_is_not_accepted(member: Client, account: None, staff: User) -> None:
    seen = accepting()
    agreements.publish(title="New terms", body="New.", by=staff, at=onboarding.AT)
    page = send(member, "submit", **seen).content.decode()
    assert "A newer version of the agreement was published." in page
    assert "New terms" in page
    assert 'name="accepted" id="id_accepted" checked' not in page
    assert not AgreementAcceptance.objects.exists()


def test_a_row_is_added_and_one_removed_without_a_script(member: Client) -> None:
    kim = {"name": "Kim", "share": "9x", "email": "not yet"}
    page = send(member, "add_owner", ROBIN, kim, legal_name="Typed").content.decode()
    assert "Owner 3" in page
    assert 'value="9x"' in page
    assert 'value="Typed"' in page
    assert "Please check" not in page
    assert not Application.objects.exists()
    send(member, "save", ROBIN, kim, removed=1)
    assert [owner.name for owner in Application.objects.get().owners.all()] == ["Robin Larkspur"]


@pytest.mark.parametrize("count", ["", "x", "-1", "99999999", "25"])
def test_a_wrong_count_of_rows_is_no_fault_of_ours(member: Client, count: str) -> None:
    for action in ("add_owner", "save"):
        sent = {**COMPANY, "owners-TOTAL_FORMS": count, "owners-INITIAL_FORMS": "0", "action": action}
        assert member.post(PAGE, sent).status_code in (200, 302)


def test_shares_of_more_than_the_whole_are_refused(member: Client) -> None:
    page = send(member, "save", ROBIN, {**ROBIN, "share": "40.01"}).content.decode()
    assert "more than 100 percent" in page
    assert not Application.objects.exists()


def test_the_way_to_the_bank_account_keeps_what_was_typed(member: Client) -> None:
    assert send(member, "bank", legal_name="Typed")["Location"] == "/bank/change/"
    assert Application.objects.get().legal_name == "Typed"


@pytest.mark.parametrize(
    ("decide", "words", "stage"),
    [
        (applications.hold, "is on hold", "Answer our question"),
        (applications.refuse, "Your application was refused.", "Correct your application"),
    ],
)
def test_the_supplier_reads_why_and_may_submit_again(
    member: Client, supplier: Supplier, staff: User, decide: Any, words: str, stage: str
) -> None:
    decide(application=onboarding.applied(supplier), by=staff, reason="Send <b>newer</b> accounts.", at=onboarding.AT)
    page = member.get(PAGE).content.decode()
    assert words in page
    assert "Send &lt;b&gt;newer&lt;/b&gt; accounts." in page
    stages = page.partition("What happens next")[2].partition("</ol>")[0].split("</li>")
    (shown,) = [one for one in stages if f"<strong>{stage}</strong>" in one]
    assert 'aria-current="step"' in shown
    (check,) = [one for one in stages if "<strong>Company check</strong>" in one]
    assert "aria-current" not in check  # it is the supplier's turn
    assert send(member, "submit", legal_name="Corrected LLC")["Location"] == PAGE
    made = Application.objects.get()
    assert (made.status, made.legal_name, made.reason, made.decided_at) == ("submitted", "Corrected LLC", "", None)


def test_a_newer_version_is_accepted_alone_by_an_approved_supplier(
    member: Client, supplier: Supplier, staff: User
) -> None:
    onboarding.approved(supplier)
    assert "There is a new version." not in member.get(PAGE).content.decode()
    agreements.publish(title="New terms", body="New.", by=staff, at=onboarding.AT)
    for page in (PAGE, "/"):
        assert "new version of our agreement" in member.get(page).content.decode()
    assert "There is a new version." in member.get(PAGE).content.decode()
    without = member.post(PAGE, {"action": "accept", "version": "2"}).content.decode()
    assert 'href="#id_accepted"' in without
    assert member.post(PAGE, {"action": "accept", "version": "2", "accepted": "on"})["Location"] == PAGE
    assert agreements.is_current(supplier=supplier)
    assert "new version of our agreement" not in member.get("/").content.decode()


def test_who_is_no_owner_reads_but_changes_nothing(client: Client, supplier: Supplier) -> None:
    onboarding.applied(supplier)
    helper = MembershipFactory(supplier=supplier, role=Membership.Role.FINANCE).user
    client.force_login(helper)
    page = client.get(PAGE).content.decode()
    assert "Only an owner" in page
    assert "12 Mill Street" in page
    assert "98-7654321" not in page
    for action in ("save", "submit"):
        assert send(client, action, **accepting()).status_code == 403
    assert client.post(PAGE, {"action": "accept", **accepting()}).status_code == 403
    assert Application.objects.get().status == "submitted"


def test_somebody_else_sees_nothing_of_it(client: Client, supplier: Supplier) -> None:
    onboarding.applied(supplier)
    client.force_login(MembershipFactory(supplier__name="Other").user)
    page = client.get(PAGE).content.decode()
    assert "Mill Street" not in page
    assert "6789" not in page
    client.force_login(UserFactory())
    assert client.get(PAGE).status_code == 403


def test_the_trail_holds_neither_names_nor_numbers(member: Client, account: None) -> None:
    send(member, "submit", **accepting())
    said = str(list(AuditEvent.objects.values("details", "reason")))
    for secret in ("98-7654321", "Robin", "1980", "000123456789", "Mill"):
        assert secret not in said
    assert AuditEvent.objects.filter(event="application.status").get().details == {"from": "draft", "to": "submitted"}
