"""The day of staff, told by a person in a browser: decide, match, settle, approve, export.

The test plays the workers.
"""

from django.utils import timezone

from infactor.financing.collections import matching_runs
from infactor.financing.models import FinancingRequest, MatchingRun, Payout, PayoutBatch
from tests.support.browsers.person import Person
from tests.support.scenarios.operations_day import FIRST_DAY, OperationsDay
from tests.support.scenarios.staff_desk import work_on_matching
from tests.support.statements import import_file


def decide(person: Person, day: OperationsDay, request: FinancingRequest) -> None:
    """An underwriter makes the offer that was asked for."""
    person.sign_in(day.larkspur.underwriter)
    person.open("/admin/")
    person.press("Requests to price", then=f"Request {request.pk}")
    person.press(f"Request {request.pk}", then="Make an offer")
    person.press("Make an offer", then="What is asked")
    person.press("Preview", then="The supplier gets now")
    person.press("Make an offer", then="The offer is made")


def match(person: Person, day: OperationsDay) -> None:
    """Accept the line of a statement that pays an advance exactly."""
    operations, now = day.larkspur.operations, timezone.now()
    content = day.statement("12400.00|E-11|Northwind Inc|INV-1001", day=FIRST_DAY)
    import_file(content, account=day.account, by=operations, at=now, name="day.xml")
    matching_runs.start(kind=MatchingRun.Kind.FIND, by=operations, at=now)
    work_on_matching()
    person.sign_in(operations)
    person.open("/admin/")
    person.press("Statement lines to match", then="the amount is exactly what is open")
    person.press("Accept 1 certain line", then="Accept the certain lines: 0 of 1 line.")
    work_on_matching()
    person.reads("No line is certain.")


def settle(person: Person) -> None:
    person.open("/admin/")
    person.press("Collected advances to settle", then="Settle all that are clean")
    person.press("Settle all that are clean", then="Will be settled")
    person.press("Settle them", then="1 advance is settled.")


def approve(person: Person, day: OperationsDay) -> None:
    """A second person approves what leaves."""
    person.sign_in(day.larkspur.approver)
    person.open("/admin/")
    person.press("Payouts to approve", then="Action:")
    _choose_all(person, "approve_chosen", then="Second person")
    person.press("Approve", then="1 payout is approved.")


def export(person: Person, day: OperationsDay) -> None:
    """Put what was approved into a file for the bank."""
    person.sign_in(day.larkspur.operations)
    person.open("/admin/")
    person.press("Payouts to send", then="Action:")
    _choose_all(person, "put_into_batch", then="Put payouts into a batch")
    person.press("Make the batch", then="Export the file")
    person.press("Export the file", then="Paid from Operating")
    person.press("Export", then="is exported: 1 payouts")
    assert PayoutBatch.objects.latest("pk").payouts.get() == Payout.objects.latest("pk")


def _choose_all(person: Person, action: str, *, then: str) -> None:
    person.tick("Select all objects")
    person.choose("Action:", action)
    person.press("Go", then=then)
