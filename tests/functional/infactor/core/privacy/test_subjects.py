"""A supplier, a person and a buyer get a copy of their data, and are erased but for what must be kept."""

import json
import stat
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import zstandard
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from infactor.core import audit
from infactor.core.email import outbox
from infactor.core.models import AuditEvent, OutgoingMail
from infactor.core.privacy.registry import find_subjects, registry
from infactor.core.privacy.rows import rows_about
from infactor.dashboard.models import PreparedExport
from infactor.financing.models import Notice
from infactor.financing.notices import acknowledgements
from infactor.invoices.models import Buyer, Debtor, Invoice, InvoiceChange
from infactor.suppliers.models import Application, BankAccount, Owner
from infactor.verification import answers
from infactor.verification.models import Verification
from quickbooks_app.documents import versions
from quickbooks_app.models import CompletenessCheck, CompletenessLine, Connection, Document, DocumentVersion
from tests.support.database.column_search import columns_holding
from tests.support.factories.quickbooks import ConnectionFactory, create_document
from tests.support.scenarios.financing import Scenario
from tests.support.scenarios.verification import ask, token_of

pytestmark = pytest.mark.django_db
CANARY, ADDRESS = "Wilhelmina Quendel", "wilhelmina@quendel.example"


@pytest.fixture
def buyer(scenario: Scenario) -> Buyer:
    """A person who bought something and never had an account, with a copy in every place that has one."""
    buyer = scenario.buyer(CANARY, paid=2, email=ADDRESS, contact_name=CANARY, address=f"{CANARY}, 1 Lane", tax_id="Q1")
    invoice = scenario.invoice(
        buyer,
        buyer_email=ADDRESS,
        company_email=ADDRESS,
        private_note=f"for {CANARY}",
        search_text=CANARY.lower(),
        items=[{"Description": f"Portrait of {CANARY}"}],
    )
    InvoiceChange.objects.create(invoice=invoice, at=scenario.now, changes=[{"field": "buyer", "to": CANARY}])
    books = ConnectionFactory(company_file=scenario.books, supplier=scenario.supplier)
    for entity, qbk_id in (("Customer", buyer.reference), ("Invoice", invoice.qbk_invoice_id)):
        raw = json.dumps({"Name": CANARY}).encode()
        stored = create_document(connection=books, entity=entity, qbk_id=qbk_id, raw=raw, at=scenario.now)
        versions.keep(document_ids=[stored.pk], at=scenario.now)
    invoice.private_note = f"Portrait of {CANARY}"  # the former note stays as a version
    invoice.save()
    check = CompletenessCheck.objects.create(connection=books, trigger="daily", requested_at=scenario.now)
    CompletenessLine.objects.create(
        completeness_check=check, kind="balance", outcome="open", entity="Customer", customer_name=CANARY
    )
    PreparedExport.objects.create(
        supplier=scenario.supplier,
        user=scenario.owner,
        state="ready",
        asked_at=scenario.now,
        finished_at=scenario.now,
        rows=1,
        content=zstandard.compress(CANARY.encode()),
    )
    asked = ask(invoice, at=scenario.now)
    answer = answers.SubmittedAnswer(answer=answers.Answer.ALL, name=CANARY)
    answers.submit_answer(token=token_of(asked), submitted=answer, ip="203.0.113.9", at=scenario.now)
    whose = scenario.supplier.pk
    outbox.enqueue(key="about", to=scenario.owner.email, subject=f"{CANARY} has paid", body="-", supplier_id=whose)
    audit.record(
        event="x.y",
        subject=buyer,
        by=None,
        at=scenario.now,
        supplier_id=whose,
        reason=f"{CANARY} rang",
        details={"who": [ADDRESS]},
    )
    buyer.debtor = Debtor.objects.create(name=CANARY, address="1 Lane", created_by=scenario.underwriter)
    buyer.save()
    buyer.debtor.name = f"{CANARY} and daughters"  # the name before stays as a past name
    buyer.debtor.save()
    return buyer


def erase(kind: str, key: object, *, for_real: bool = True) -> str:
    said = StringIO()
    call_command("erase_subject", kind, str(key), reason="Request 7", yes=for_real, stdout=said)
    return said.getvalue()


def test_a_buyer_is_erased_from_every_column_and_twice_does_no_harm(scenario: Scenario, buyer: Buyer) -> None:
    before = columns_holding(CANARY)
    assert len(before) > 15
    assert {"quickbooks_app_documentversion.payload", "invoices_invoiceversion.changed"} < before
    assert "invoices_debtorname.name" in before
    assert {"quickbooks_app_completenessline.customer_name", "dashboard_preparedexport.content"} < before
    erase("buyer", ADDRESS)
    for text in (CANARY, ADDRESS, "203.0.113.9"):
        assert columns_holding(text) == set()
    assert Invoice.objects.filter(buyer=buyer, balance__gt=0).count() == 1  # amounts stay
    event = AuditEvent.objects.get(event="privacy.erased")
    assert (event.subject_id, event.reason) == (str(buyer.pk), "Request 7")
    assert event.details["deleted"]["quickbooks_app.Document"] == 2
    again = erase("buyer", buyer.public_id)
    assert "overwritten" not in again
    assert "deleted" not in again


def test_without_yes_nothing_is_erased(buyer: Buyer) -> None:
    before = columns_holding(CANARY)
    assert "Nothing was changed" in erase("buyer", ADDRESS, for_real=False)
    assert columns_holding(CANARY) == before


def test_what_was_financed_of_a_buyer_stays_until_the_law_lets_go(
    scenario: Scenario, buyer: Buyer, settings: Any
) -> None:
    invoice = Invoice.objects.get(buyer=buyer, balance__gt=0)
    advance = scenario.funded(invoice)
    notice = Notice.objects.get()
    acknowledgements.acknowledge(notice=notice, name=CANARY, ip="203.0.113.9", user_agent=CANARY, at=scenario.now)
    with pytest.raises(CommandError, match=f"Advance {advance.public_id} is open"):
        erase("buyer", buyer.public_id)
    scenario.pay(advance, "1000")
    scenario.settle(advance)

    said = erase("buyer", buyer.public_id)
    assert "invoices.Invoice: 1 kept. Record of what was financed." in said
    invoice.refresh_from_db()
    assert invoice.company_name == CANARY
    assert Verification.objects.get(invoice=invoice).answered_name == CANARY
    notice.refresh_from_db()
    assert (notice.facts["buyer"], notice.acknowledged_name) == (CANARY, CANARY)
    assert invoice.versions.exists()
    assert not DocumentVersion.objects.exists()
    assert not Document.objects.filter(entity="Customer").exists()  # a copy proves nothing

    settings.RETENTION_RECORDS_DAYS = 0
    type(advance).objects.update(ended_on=scenario.today - timedelta(days=1))
    erase("buyer", buyer.public_id)
    assert columns_holding(CANARY) == {"financing_acceptance.disclosure"} & columns_holding(CANARY)
    with pytest.raises(IntegrityError, match="evidence"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL infactor.erasing = 'on'; UPDATE financing_notice SET facts_digest = 'forged'")


def test_a_copy_of_a_buyers_data_is_complete_readable_by_its_owner_alone_and_audited(
    buyer: Buyer, tmp_path: Path
) -> None:
    call_command("export_subject", "buyer", ADDRESS, tmp_path / "out", stdout=StringIO())
    file = tmp_path / "out" / f"buyer-{buyer.pk}.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    tables = json.loads(file.read_text())["tables"]
    assert {"invoices.Buyer", "invoices.Invoice", "quickbooks_app.Document", "verification.Verification"} <= set(tables)
    assert tables["verification.Verification"]["rows"][0]["answered_name"] == CANARY
    assert CANARY in tables["quickbooks_app.Document"]["rows"][0]["payload"]
    assert CANARY in tables["quickbooks_app.DocumentVersion"]["rows"][0]["payload"]
    assert "dashboard.PreparedExport" not in tables  # others stand in that file, too
    assert "links" not in tables["verification.Verification"]["rows"][0]
    assert AuditEvent.objects.get(event="privacy.exported").details["rows"]["invoices.Buyer"] == 1


def test_a_supplier_is_erased_once_nothing_is_open_and_its_books_are_released(scenario: Scenario, buyer: Buyer) -> None:
    supplier = scenario.supplier
    supplier.name = "Larkspur Roasters"
    supplier.save()
    assert "suppliers_suppliername.name" in columns_holding("Larkspur Coffee")
    with pytest.raises(CommandError, match="disconnect and release it first"):
        erase("supplier", supplier.public_id)
    Connection.objects.update(status="released", access_token="", refresh_token="", realm_id="", realm_fingerprint=None)
    erase("supplier", supplier.public_id)
    for text in ("Larkspur", CANARY, ADDRESS, "12-3456789", "000123456789", "555 0100", "203.0.113.7"):
        assert columns_holding(text) - {"users_user.email", "account_emailaddress.email"} == set(), text
    assert not Owner.objects.filter(application__supplier=supplier).exists()
    assert Application.objects.get(supplier=supplier).status == "approved"
    call_command("check_keys", stdout=StringIO())  # the overwritten account still fits the keys


def test_the_records_of_a_financed_supplier_are_kept_and_said_to_be(scenario: Scenario) -> None:
    buyer = scenario.buyer()
    advance = scenario.funded(scenario.invoice(buyer))
    scenario.pay(advance, "1000")
    scenario.settle(advance)
    said = erase("supplier", scenario.supplier.public_id)
    for model in ("suppliers.Owner", "suppliers.BankAccount", "suppliers.Application", "financing.Acceptance"):
        assert f"{model}: 1 kept. Record of what was financed" in said
    assert BankAccount.objects.get(supplier=scenario.supplier).account_number == "000123456789"


def test_a_person_is_erased_signed_out_and_no_longer_able_to_sign_in(scenario: Scenario, client: Client) -> None:
    user = scenario.owner
    client.force_login(user)
    assert client.get("/").status_code == 200
    outbox.enqueue(key="hello", to=user.email, subject="Hello", body="-")
    LogEntry.objects.create(user=scenario.reader, object_repr=user.email, action_flag=2, change_message=user.email)
    with pytest.raises(CommandError, match="only owner"):
        erase("person", user.email)
    user.memberships.update(role="finance")
    email = user.email
    erase("person", email)
    assert columns_holding(email) - {"suppliers_owner.email"} == set()
    assert client.get("/invoices/").status_code == 302
    user.refresh_from_db()
    assert (user.is_active, user.name, user.email) == (False, "", f"erased-{user.pk}@erased.invalid")
    with pytest.raises(CommandError, match="No person is stored"):
        erase("person", email)


def test_an_owner_who_has_no_account_is_erased_unless_the_company_was_financed(scenario: Scenario) -> None:
    Owner.objects.filter(application__supplier=scenario.supplier).update(email=ADDRESS, name=CANARY)
    whose = scenario.supplier.pk
    audit.record(
        event="x.y", subject=scenario.owner, by=None, at=scenario.now, supplier_id=whose, reason=f"Ask {CANARY}"
    )
    with transaction.atomic():
        scenario.funded(scenario.invoice(scenario.buyer()))
        assert "suppliers.Owner: 1 kept. Record of what was financed" in erase("owner", ADDRESS)
        transaction.set_rollback(True)
    erase("owner", ADDRESS)
    assert columns_holding(CANARY) | columns_holding(ADDRESS) == set()


def test_a_name_in_an_encrypted_column_is_found(scenario: Scenario, buyer: Buyer) -> None:
    company = Application.objects.get(supplier=scenario.supplier)
    company.tax_id = f"ask {ADDRESS}"
    company.save()
    table = next(one for one in registry().tables if one.model == "suppliers.Application")
    searched = replace(table, mentions=("tax_id", "legal_name"))
    (subject,) = find_subjects(kind="buyer", key=ADDRESS)
    assert list(rows_about(table=searched, subject=subject)) == [company]


def test_an_unknown_key_is_refused() -> None:
    for kind, key in (("buyer", "nobody@x.example"), ("supplier", "not-an-id"), ("person", "x@x.example")):
        with pytest.raises(CommandError):
            erase(kind, key)


@pytest.mark.parametrize("change", ["event = 'forged'", "actor_id = 1", "reason = 'forged'"])
def test_an_erasure_changes_only_personal_columns_of_append_only_rows(buyer: Buyer, change: str) -> None:
    erasing = "on" if not change.startswith("reason") else "off"
    statement = f"SET LOCAL infactor.erasing = '{erasing}'; UPDATE core_auditevent SET {change}"
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_mails_to_and_about_a_buyer_are_deleted_and_no_others(scenario: Scenario, buyer: Buyer) -> None:
    outbox.enqueue(key="other", to="other@x.example", subject="Something else", body="-")
    # Another supplier's mail, about somebody of the same name.
    outbox.enqueue(key="namesake", to="other@x.example", subject=CANARY, body="-", supplier_id=scenario.supplier.pk + 1)
    others = OutgoingMail.objects.exclude(to=ADDRESS).exclude(key="about")
    before = {one.key for one in others if CANARY not in one.body}
    erase("buyer", ADDRESS)
    assert {"other", "namesake"} <= before
    assert set(OutgoingMail.objects.values_list("key", flat=True)) == before
