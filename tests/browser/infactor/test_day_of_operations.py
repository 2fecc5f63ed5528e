"""A day of operations in a real browser: from the bank's statement to payouts, and the next day's statement of them."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import achkit
import pytest
import time_machine
from django.core.cache import cache
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import BrowserContext, expect

from infactor.financing.models import Advance, Payout, PayoutBatch
from tests.support.scenarios.operations_day import (
    FIRST_DAY,
    NEXT_DAY,
    NUMBERS,
    ROUTING,
    build_operations_day,
)
from tests.support.scenarios.staff_desk import Desk, work_on_matching

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(FIRST_DAY, tick=True) as travelling:
        yield travelling


@pytest.fixture
def desk(live_server: object, clock: time_machine.Traveller, context: BrowserContext) -> Desk:
    cache.clear()
    day = build_operations_day()
    page, complaints = context.new_page(), []
    page.set_default_timeout(40_000)
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return Desk(str(live_server), context, day, page, complaints)


def test_a_day_of_operations_ends_reconciled_to_the_cent(
    desk: Desk, clock: time_machine.Traveller, tmp_path: Path
) -> None:
    staff = desk.day.larkspur
    desk.sign_in(staff.operations)
    _read_the_statement(desk, tmp_path)
    _accept_the_certain_lines(desk)
    _match_one_by_hand(desk)
    _correct_a_wrong_match(desk)
    _explain_the_charge(desk)
    _settle_all_that_are_clean(desk)
    desk.sign_in(staff.approver)
    _approve_the_payouts(desk)
    desk.sign_in(staff.operations)
    _send_the_file(desk, tmp_path)

    clock.move_to(NEXT_DAY)
    desk.sign_in(staff.operations)
    _read_what_the_bank_did(desk, tmp_path)
    _see_the_suspended_account(desk)
    _reconcile(desk)
    assert desk.complaints == []


def _record(desk: Desk) -> None:
    """Confirm a match; then other lines are looked at again, and the page loads itself until that is done."""
    desk.confirm("Record")
    expect(desk.page.locator(".messagelist .success").get_by_role("link", name="Payment")).to_be_visible()
    _wait_for_matching(desk)


def _wait_for_matching(desk: Desk) -> None:
    work_on_matching()
    expect(desk.page.get_by_text("Last run:")).to_be_visible()


def _status(desk: Desk, invoice_no: str) -> str:
    return Advance.objects.get(pk=desk.day.advances[invoice_no].pk).status


def _read_the_statement(desk: Desk, folder: Path) -> None:
    content = desk.day.statement(
        "12400.00|E-11|Northwind Inc|INV-1001",
        "8800.00|E-12|Kestrel Grocers Inc|Invoice MT-77",
        "5225.50|E-13|Northwind Inc|Two invoices of October",
        "6000.00|E-14|HH Holding|November stay",
        "-12.50|E-15||Monthly account charge",
        day=FIRST_DAY,
    )
    desk.upload(folder, "2026-11-24.xml", content)
    desk.shot("statement-preview")
    desk.confirm("Import")
    desk.shot("statement-imported")
    work_on_matching()
    desk.page.get_by_role("link", name="Match the lines").click()


def _accept_the_certain_lines(desk: Desk) -> None:
    desk.shot("matching")
    desk.page.get_by_role("button", name="Accept 2 certain lines").click()
    expect(desk.page.get_by_text("Accept the certain lines: 0 of 2 lines.")).to_be_visible()
    _wait_for_matching(desk)
    expect(desk.page.get_by_text("No line is certain.")).to_be_visible()
    desk.shot("accepted")
    assert _status(desk, "INV-1001") == _status(desk, "MT-77") == Advance.Status.COLLECTED


def _open_line(desk: Desk, region: str, text: str) -> None:
    desk.page.goto(f"{desk.address}/admin/banking/statementline/matching/")
    rows = desk.page.get_by_role("region", name=region)
    rows.get_by_role("row", name=text).get_by_role("link").first.click()


def _match_one_by_hand(desk: Desk) -> None:
    page = desk.page
    _open_line(desk, "To match by hand", "Two invoices of October")
    desk.shot("line")
    page.get_by_role("link", name="Match", exact=True).click()
    desk.shot("match")
    for number in ("INV-1002", "INV-1003"):
        page.get_by_role("checkbox", name=number).check()
    page.get_by_role("button", name="Preview", exact=True).click()
    goes = page.get_by_role("region", name="Where the money goes")
    expect(goes.get_by_role("row", name="INV-1002")).to_contain_text("$3,150.00")
    expect(goes.get_by_role("row", name="INV-1003")).to_contain_text("$2,075.50")
    desk.shot("match-preview")
    _record(desk)
    desk.shot("matched")
    assert _status(desk, "INV-1002") == _status(desk, "INV-1003") == Advance.Status.COLLECTED


def _correct_a_wrong_match(desk: Desk) -> None:
    page = desk.page
    _open_line(desk, "To match by hand", "November stay")
    page.get_by_role("link", name="Match", exact=True).click()
    page.get_by_label("Find others").fill("INV-1005")
    page.get_by_role("button", name="Preview", exact=True).click()
    page.get_by_role("checkbox", name="INV-1005").check()
    page.get_by_role("button", name="Update preview").click()
    expect(page.get_by_role("region", name="Where the money goes").get_by_role("row", name="INV-1005")).to_be_visible()
    _record(desk)
    assert _status(desk, "INV-1005") == Advance.Status.COLLECTED

    page.get_by_label("Search everything").fill("HH Holding")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Search")
    desk.shot("search")
    page.locator("#content").get_by_role("link", name="Payment").first.click()
    page.wait_for_url("**/admin/financing/collection/*/change/")
    desk.shot("payment")
    page.get_by_role("link", name="Unmatch").click()
    page.get_by_role("checkbox").check()
    page.get_by_label("Reason").fill("HH Holding pays for Harbor Hotels, not for Bluebird Cafe.")
    page.get_by_role("button", name="Preview", exact=True).click()
    desk.shot("unmatch-preview")
    desk.confirm("Unmatch")
    assert _status(desk, "INV-1005") == Advance.Status.FUNDED
    desk.shot("unmatched")
    page.get_by_role("link", name="Match", exact=True).click()
    desk.shot("match-again")
    page.get_by_label("Advance (optional)").first.fill("INV-1004")
    page.get_by_role("button", name="Preview", exact=True).click()
    desk.shot("match-again-preview")
    desk.confirm("Match")
    desk.shot("payment-corrected")
    assert _status(desk, "INV-1004") == Advance.Status.COLLECTED


def _explain_the_charge(desk: Desk) -> None:
    _open_line(desk, "Debits to explain", "Monthly account charge")
    desk.page.get_by_role("link", name="Charge, capital, transfer").click()
    desk.page.get_by_label("Kind").select_option(label="Bank charge, or its refund")
    desk.shot("charge")
    desk.confirm("Post")
    _wait_for_matching(desk)


def _settle_all_that_are_clean(desk: Desk) -> None:
    desk.queue("Collected advances to settle")
    desk.shot("to-settle")
    desk.page.get_by_role("link", name="Settle all that are clean").click()
    desk.shot("settle-clean")
    expect(desk.page.get_by_role("region", name="Will be settled").get_by_role("row")).to_have_count(6)
    desk.confirm("Settle them")
    desk.shot("settled")
    assert Advance.objects.filter(status=Advance.Status.SETTLED).count() == 5


def _approve_the_payouts(desk: Desk) -> None:
    desk.queue("Payouts to approve")
    desk.shot("to-approve")
    desk.choose("Approve")
    desk.shot("approve")
    desk.confirm("Approve")
    desk.shot("approved")
    rows = Payout.objects.filter(status=Payout.Status.APPROVED)
    assert {row.approved_by for row in rows} == {desk.day.larkspur.approver}


def _send_the_file(desk: Desk, folder: Path) -> None:
    desk.queue("Payouts to send")
    desk.choose("Put into a batch")
    desk.shot("make-batch")
    desk.confirm("Make the batch")
    desk.shot("batch")
    desk.page.get_by_role("link", name="Export the file").click()
    desk.shot("export")
    desk.confirm("Export")
    desk.shot("exported")
    desk.page.get_by_role("link", name="Download the file").click()
    desk.shot("download")
    with desk.page.expect_download() as got:
        desk.page.get_by_role("button", name="Download", exact=True).click()
    path = folder / "payouts.ach"
    got.value.save_as(path)
    _check_the_file(path.read_bytes().decode("ascii").replace("\r\n", "\n"))


def _check_the_file(text: str) -> None:
    """A reader that is not ours finds every payout with its amount, account and bank."""
    assert achkit.validate(text) == {"ok": True, "errors": []}
    (batch,) = achkit.parse(text)["batches"]
    sent = Payout.objects.filter(batch=PayoutBatch.objects.latest("pk")).order_by("pk")
    assert len(sent) == 5
    assert [
        (entry["routing"], entry["account"], Decimal(entry["amount_cents"]) / 100, entry["id_number"])
        for entry in batch["entries"]
    ] == [(ROUTING, NUMBERS[one.supplier.name], one.amount, one.end_to_end_id) for one in sent if one.supplier]


def _returned() -> Payout:
    return Payout.objects.filter(batch=PayoutBatch.objects.latest("pk")).get(supplier__name="Mistral Tea")


def _read_what_the_bank_did(desk: Desk, folder: Path) -> None:
    """Larkspur's payouts leave in one debit each, Mistral's leaves and comes back."""
    sent = list(Payout.objects.filter(batch=PayoutBatch.objects.latest("pk")).order_by("pk"))
    back = _returned()
    lines = [f"-{one.amount}|E-2{place}|{one.payee}|{one.end_to_end_id}" for place, one in enumerate(sent)]
    lines.append(f"{back.amount}|E-30||ACH RETURN R03 {back.end_to_end_id}")
    desk.upload(folder, "2026-11-25.xml", desk.day.statement(*lines, day=NEXT_DAY))
    desk.confirm("Import")
    work_on_matching()
    desk.shot("next-day")
    assert {one.status for one in Payout.objects.filter(pk__in=[one.pk for one in sent])} == {Payout.Status.CONFIRMED}

    desk.page.get_by_role("link", name="Match the lines").click()
    desk.shot("next-day-matching")
    _open_line(desk, "To match by hand", "R03")
    desk.shot("return-line")
    desk.page.get_by_role("link", name="A payout that came back").click()
    expect(desk.page.get_by_label("Code")).to_have_value("R03")
    desk.shot("came-back")
    desk.confirm("Accept")
    _wait_for_matching(desk)
    desk.shot("came-back-done")
    assert _returned().status == Payout.Status.RETURNED


def _see_the_suspended_account(desk: Desk) -> None:
    mistral = desk.day.mistral
    desk.home()
    desk.shot("home-next-day")
    desk.queue("Suspended bank accounts")
    desk.shot("suspended-list")
    desk.page.get_by_role("row", name="Mistral Tea").get_by_role("link").first.click()
    desk.shot("suspended-account")
    expect(desk.page.get_by_role("link", name="Confirm").first).to_be_visible()
    desk.queue("Returned payouts")
    desk.shot("returned-list")
    desk.page.get_by_role("row", name="Mistral Tea").get_by_role("link").first.click()
    desk.shot("returned-payout")

    desk.sign_in(mistral.owner)
    desk.page.goto(desk.address + reverse("dashboard:bank"))
    desk.shot("suppliers-page")
    expect(desk.page.get_by_role("main")).to_contain_text("8999")
    desk.page.goto(desk.address + reverse("dashboard:invoice", args=[desk.day.advances["MT-77"].invoice.public_id]))
    desk.shot("suppliers-invoice")


def _reconcile(desk: Desk) -> None:
    desk.sign_in(desk.day.larkspur.operations)
    desk.page.goto(f"{desk.address}/admin/banking/houseaccount/{desk.day.account.pk}/change/")
    desk.shot("house-account")
    desk.page.get_by_role("link", name="Reconcile").click()
    desk.shot("reconcile")
    main = desk.page.locator("#content")
    for label in ("By the books", "By the bank"):
        expect(main.get_by_role("row", name=label)).to_contain_text(f"${desk.day.balance:,.2f}")
    expect(main.get_by_role("row", name="The books have more")).to_contain_text("$0.00")
    expect(main).to_contain_text("Nothing: the books and the bank agree to the cent.")
    call_command("verify_ledger")
