"""Notes and tasks are about whatever staff decide on: the registry of admin is walked, and a row of each kind asked."""

from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from infactor.desk import notes, subjects
from infactor.desk.models import Note, Task
from tests.support.admin_client import confirm
from tests.support.scenarios.financing import Scenario
from tests.support.scenarios.sample_data import create_sample_data

pytestmark = pytest.mark.django_db
# Which the sample data has rows of; the others are looked at by their labels.
AT_LEAST = {
    "banking.houseaccount", "financing.advance", "financing.approval", "financing.case", "financing.collection",
    "financing.financingrequest", "financing.fundingterms", "financing.limit", "financing.notice", "financing.offer",
    "financing.override", "financing.payout", "financing.payoutbatch", "invoices.buyer", "invoices.invoice",
    "suppliers.agreementtext", "suppliers.application", "suppliers.bankaccount", "suppliers.supplier",
}  # fmt: skip


def page_of(row: Model) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def test_every_kind_that_staff_decide_on_may_have_notes_and_tasks() -> None:
    decided = {
        model._meta.label_lower
        for model, shown_by in admin.site._registry.items()
        if getattr(shown_by, "decisions", ()) or getattr(shown_by, "add_decision", None)
    }
    left_out = {label.split(".")[0] for label in decided - subjects.labels().keys()}
    assert left_out <= {"core", "desk", "documents", "users"}
    assert len(subjects.labels()) > 30
    for label in subjects.labels():
        key = apps.get_model(label)._meta.pk
        assert key is not None
        assert (label, key.get_internal_type()) == (label, "BigAutoField")


def test_a_row_of_each_kind_takes_a_note_and_a_task_on_its_page(scenario: Scenario, client: Client) -> None:
    create_sample_data(scenario, 1)
    client.force_login(scenario.operations)
    asked = set()
    with time_machine.travel(scenario.now, tick=False):
        for label in subjects.labels():
            row: Any = apps.get_model(label)._default_manager.order_by("pk").first()
            app, model = label.split(".")
            if row is None or not scenario.operations.has_perm(f"{app}.view_{model}"):
                continue
            asked.add(label)
            about = f"?about={subjects.token(row)}"
            done = [confirm(client, reverse("admin:desk_note_add") + about, text=f"About {label}")]
            given = {"title": f"Look at {label}", "owner": "role:Operations", "due_on": f"{scenario.money_day}"}
            done.append(confirm(client, reverse("admin:desk_task_add") + about, **given))
            assert [(label, one.status_code, one.headers["Location"]) for one in done] == [
                (label, 302, page_of(row))
            ] * 2
            page = client.get(page_of(row)).content.decode()
            assert f"About {label}" in page, label
            assert f"Look at {label}" in page, label
        assert asked >= AT_LEAST
        listed = client.get(f"{reverse('admin:desk_note_changelist')}?about=suppliers.application").content.decode()
        assert "About suppliers.application" in listed
        assert "About financing.limit" not in listed
        assert client.get(f"{reverse('admin:desk_task_changelist')}?about=no.such").status_code in (200, 302)
    assert (Note.objects.count(), Task.objects.count()) == (len(asked), len(asked))
    of_supplier = Note.objects.filter(supplier=scenario.supplier).values_list("subject_type", flat=True)
    assert {"suppliers.application", "financing.approval", "suppliers.bankaccount"} <= set(of_supplier)
    assert "suppliers.agreementtext" not in of_supplier


def test_of_people_and_of_rows_that_nobody_decides_on_nothing_is_said(scenario: Scenario) -> None:
    with pytest.raises(subjects.UnknownSubject):
        notes.write(about=scenario.operations, text="x", by=scenario.operations, at=scenario.now)
    with pytest.raises(subjects.UnknownSubject):
        subjects.read_token(f"users.user:{scenario.operations.pk}", by=scenario.operations)
