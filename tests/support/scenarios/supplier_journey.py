"""The whole story of a supplier, told by a person in a browser; the test plays workers, staff and the bank."""

import re
from dataclasses import dataclass, field

from django.utils import timezone

from infactor.financing import leaving
from infactor.financing.advances import funding
from infactor.financing.eligibility import recalculation
from infactor.financing.models import Advance, FinancingRequest, FundingTerms
from infactor.financing.origination import offers
from infactor.invoices.models import Invoice
from infactor.suppliers.models import AccountClosing, Application, Membership
from infactor.users import roles
from infactor.verification.models import Verification
from quickbooks_app import runs
from quickbooks_app.sync import run_worker
from tests.support.browsers.person import Person
from tests.support.delivery import delivered
from tests.support.scenarios import money_out, onboarding
from tests.support.scenarios.financing import Scenario, staff_member
from tests.support.scenarios.verification import token_of

COMPANY, EMAIL, PASSWORD = "Blue Door Bakery", "baker@bluedoor.example", "nine-tall-lanterns"
COLLEAGUE = "kim@bluedoor.example"


def link_of_mail(to: str, pattern: str) -> str:
    """The path of the newest link like `pattern` that was sent to `to`."""
    for mail in reversed(delivered()):
        found = re.search(r"https?://\S+?(" + pattern + r"[^\s\"]*)", str(mail.body))
        if mail.to == [to] and found:
            return found[1]
    raise AssertionError(f"no mail to {to} has a link like {pattern}")


def work_on_imports() -> None:
    """What a worker does: every run that is due, to its end."""
    for _ in range(50):
        due = list(runs.due_run_ids(at=timezone.now()))
        if not due:
            return
        for run_id in due:
            run_worker.process_run(run_id=run_id, owner="test", now=timezone.now)
    raise AssertionError("the import does not end")


@dataclass
class Behind:
    """What workers, staff, buyers' banks and infactor's bank do for one supplier, while its owner looks at pages."""

    scenario: Scenario = field(init=False)

    def set_the_stage(self) -> None:
        onboarding.published()

    def import_books(self) -> None:
        """Import, under terms that let most invoices be financed once their buyers have confirmed the first one."""
        work_on_imports()
        member = Membership.objects.get(user__email=EMAIL)
        self.scenario = Scenario(
            supplier=member.supplier,
            owner=member.user,
            books=member.supplier.company_files.get(),
            underwriter=staff_member(roles.UNDERWRITER),
            operations=staff_member(roles.OPERATIONS),
            approver=staff_member(roles.OPERATIONS),
            reader=staff_member(roles.READ_ONLY),
            now=timezone.now(),
        )
        if not FundingTerms.objects.filter(reason="for the test").exists():
            self.scenario.terms(verify_first_invoice=True)
        self.assess()

    def assess(self) -> None:
        recalculation.recalculate(supplier_id=self.scenario.supplier.pk, at=timezone.now())

    def approve(self) -> None:
        scenario = self.scenario
        application = Application.objects.get(supplier=scenario.supplier)
        onboarding.approve(application, by=scenario.underwriter, at=timezone.now())
        onboarding.confirm_account(scenario.supplier, by=scenario.operations, at=timezone.now())
        self.assess()

    def make_offer(self) -> None:
        offers.create(request=FinancingRequest.objects.latest("pk"), by=self.scenario.underwriter, at=timezone.now())

    def pay_out(self) -> None:
        for advance in Advance.objects.filter(status="accepted"):
            funding.fund(
                advance=advance,
                value_date=self.scenario.money_day,
                by=self.scenario.operations,
                at=timezone.now(),
            )

    def collect_and_settle(self) -> None:
        self.scenario.now = timezone.now()
        for advance in Advance.objects.filter(status="funded"):
            self.scenario.pay(advance, str(advance.invoice.balance))
            self.scenario.settle(Advance.objects.get(pk=advance.pk))
        money_out.confirm_all(self.scenario)
        self.assess()

    def release(self) -> None:
        leaving.release(
            closing=AccountClosing.objects.latest("pk"),
            decision="Nothing is outstanding.",
            by=self.scenario.underwriter,
            at=timezone.now(),
        )


def sign_up(person: Person) -> None:
    person.open("/")
    person.press("Create an account", then="Create your account")
    person.fill("Company name", COMPANY)
    person.fill("Email", EMAIL)
    person.fill("Password", PASSWORD)
    person.press("Create account", then="Check your email")
    person.open(link_of_mail(EMAIL, "/accounts/confirm-email/"))
    person.press("Confirm address", then=f"Welcome, {COMPANY}")


def consent(person: Person, button: str) -> None:
    """At QuickBooks, in the window that the button opens. Who has been there is still signed in."""
    with person.window(button):
        if person.reads_one_of("Connect your company", "Sign in") == "Sign in":
            person.press("Sign in", then="Connect your company")
        person.press_last("Connect")


def _show_password(person: Person, *, before: str) -> None:
    """Type the password, if the site asks for it before the page that says `before`."""
    if person.reads_one_of("Confirm your password", before) != before:
        person.fill("Password", PASSWORD)
        person.press("Continue", then=before)


def apply(person: Person) -> None:
    person.open("/")
    person.press("Start your application", then="Legal name")
    for label, value in (
        ("Legal name", "Blue Door Bakery LLC"),
        ("Tax number", "98-7654321"),
        ("Phone", "+1 503 555 0100"),
        ("Address", "12 Mill Street"),
        ("City", "Portland"),
        ("What you sell, and to whom", "Bread, to shops."),
        ("Name", "Robin Baker"),
        ("Share in percent", "100"),
        ("Email address", "robin@bluedoor.example"),
    ):
        person.fill(label, value)
    person.choose("Country", "US")
    person.press("Save and add a bank account")
    _show_password(person, before="Country of the bank")
    person.choose("Country of the bank", "US")
    for label, value in (
        ("Account holder", "Blue Door Bakery LLC"),
        ("Bank", "Bank of Examples"),
        ("IBAN or account number", "000123456789"),
        ("Routing number", "021000021"),
    ):
        person.fill(label, value)
    person.press("Save account", then="6789")
    person.open("/application/")
    person.tick("We accept this agreement")
    person.press("Submit application", then="We have received your application")


def ask_buyer(person: Person, invoice: Invoice) -> str:
    """Ask the buyer of `invoice` to confirm it, and return the path of the buyer's page."""
    person.open(f"/invoices/{invoice.public_id}/")
    person.press("Ask buyer to confirm", then="Approve and send")
    person.press("Approve and send", then="We have sent the email to")
    return f"/buyer/{token_of(Verification.objects.latest('pk'))}/"


def answer(person: Person, path: str) -> None:
    person.open(path)
    person.tick("Approve in full")
    person.fill("Your name", "Ann Payable")
    person.press("Submit response", then="Thank you for your response")


def finance(person: Person, invoice: Invoice, behind: Behind) -> None:
    """Ask for an advance on an eligible invoice, and accept the offer."""
    person.open(f"/invoices/?q={invoice.invoice_no}")
    person.tick(f"Select invoice {invoice.invoice_no}")
    person.press("Request financing", then="no obligation")
    person.press("Request $", then="We have received your request")
    behind.make_offer()
    person.open("/financing/")
    person.press("Review offer", then="Accept $")
    person.press("Accept $", then="Accepted offer")


def disconnect(person: Person) -> None:
    person.open("/quickbook/")
    person.press("Disconnect", then="Keep it connected")
    person.press("Disconnect", then="is disconnected. Its invoices stay in infactor.")


def invite(person: Person, guest: Person) -> None:
    """Invite a colleague, who creates an account by the link."""
    person.open("/settings/people/")
    person.fill("Email", COLLEAGUE)
    person.choose("Role", "finance")
    person.press("Send invitation")
    _show_password(person, before=COLLEAGUE)
    person.reads(COLLEAGUE, "Invited")
    guest.open(link_of_mail(COLLEAGUE, "/invitations/"))
    guest.press("Create an account", then="Password")
    guest.fill("Password", "six-quiet-harbours")
    guest.press("Create account")
    guest.reads_one_of("Available to you now", f"Welcome, {COMPANY}")


def leave(person: Person, behind: Behind) -> None:
    """Read the payoff, close the account, and read the letter of release."""
    person.open("/settings/leave/")
    person.reads("Payoff today", "Nothing: no money is outstanding between you and us.")
    person.fill("Why you leave", "We were sold.")
    person.press("Close the account")
    _show_password(person, before="You asked to close this account.")
    person.reads("You asked to close this account.")
    behind.release()
    person.open("/settings/leave/")
    person.press("Release letter", then="releases every claim")
    person.reads(COMPANY)
