"""Requests of people about their data: a copy to download, and an erasure that is previewed first."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext as _

from infactor.core.admin.decisions import DecisionView
from infactor.core.admin.forms import ReasonForm
from infactor.core.admin.preview import Preview, PreviewView
from infactor.core.admin.tables import Table
from infactor.core.money import format_count
from infactor.core.privacy import erasure, export, registry
from infactor.core.privacy.declarations import BUYER, OWNER, PERSON, SUPPLIER, Subject

PERMISSION = "core.answer_data_requests"
KINDS = [
    ("", gettext_lazy("Choose…")),
    (SUPPLIER, gettext_lazy("A company that sells invoices: its public id")),
    (OWNER, gettext_lazy("An owner whom an application names: email address")),
    (PERSON, gettext_lazy("Somebody with an account: email address")),
    (BUYER, gettext_lazy("A buyer: public id or email address")),
]
CHECK_IDENTITY = gettext_lazy(
    "First see that they are who they say: answer to the address that is stored, not to the one that wrote."
)


class OwnAccount(ValueError):
    """Nobody erases their own account."""

    def __init__(self) -> None:
        super().__init__(gettext("You cannot erase your own account. Ask another administrator."))


class SubjectForm(forms.Form):
    """Whose data it is."""

    kind = forms.ChoiceField(label=gettext_lazy("Who"), choices=KINDS)
    key = forms.CharField(label=gettext_lazy("Public id or email address"), max_length=254)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if {"kind", "key"} <= cleaned.keys():
            try:
                cleaned["subjects"] = registry.find_subjects(kind=cleaned["kind"], key=cleaned["key"])
            except registry.UnknownSubject as unknown:
                self.add_error("key", str(unknown))
        return cleaned


class ErasureForm(SubjectForm, ReasonForm):
    """Whose data is erased, and at which request."""

    field_order = ("kind", "key", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("The request, by date or number. The audit log keeps it: no personal data.")


class CopyView(DecisionView):
    """Download everything that is stored about somebody."""

    title = gettext_lazy("Copy of somebody's data")
    button = gettext_lazy("Download")
    permission = PERMISSION
    needs_fresh_factor = True
    form_class = SubjectForm
    back_label = gettext_lazy("Audit log")
    notes = (CHECK_IDENTITY, gettext_lazy("Send the file encrypted, then delete it."))

    def execute(self, form: Any) -> HttpResponse:
        """The file itself: no page follows it."""
        subjects: Sequence[Subject] = form.cleaned_data["subjects"]
        rows = sum(export.count_rows(subject=subject) for subject in subjects)
        if rows > settings.EXPORT_MAX_ROWS:
            form.add_error(
                None,
                gettext("This copy has %(rows)s rows. An operator makes it with export_subject.")
                % {"rows": format_count(rows)},
            )
            return self.form_invalid(form)
        by: Any = self.request.user
        found = [export.export(subject=subject, by=by, at=timezone.now()) for subject in subjects]
        response = HttpResponse(f"[{','.join(found)}]", content_type="application/json")
        response["Content-Disposition"] = f'attachment; filename="{subjects[0].kind}-{subjects[0].row.pk}.json"'
        return response

    def get_success_url(self) -> str:
        return reverse("admin:core_auditevent_changelist")


class EraseView(PreviewView):
    """Erase somebody's data: the preview says what is deleted, overwritten and kept, the second step does it."""

    title = gettext_lazy("Erase somebody's data")
    button = gettext_lazy("Erase for good")
    legend = gettext_lazy("The request")
    permission = PERMISSION
    needs_fresh_factor = True
    form_class = ErasureForm
    refusals = (erasure.CannotErase, OwnAccount)
    back_label = gettext_lazy("Audit log")
    notes = (
        CHECK_IDENTITY,
        gettext_lazy("What is kept, and why, is your answer to the person."),
        gettext_lazy(
            "Erase in your mailbox and in the bank's files, too. Repeat it after a restore of an older backup."
        ),
    )

    def preview(self, form: Any) -> Preview:
        subjects: Sequence[Subject] = form.cleaned_data["subjects"]
        names = [(str(subject), ", ".join(sorted(subject.names)) or "-") for subject in subjects]
        tables = [_table(subject, report) for subject, report in self._erase(form, for_real=False)]
        return Preview(facts=names, tables=tables, notes=(gettext("It cannot be undone."),))

    def perform(self, form: Any) -> str:
        done = self._erase(form, for_real=True)
        kept = [
            gettext("%(model)s: %(rows)s kept. %(why)s") % {"model": model, "rows": rows, "why": why}
            for _, one in done
            for model, (rows, why) in one.kept.items()
        ]
        erased = ", ".join(str(subject) for subject, _ in done)
        return " ".join(
            [gettext("Erased: %(erased)s.") % {"erased": erased}, *(kept or [gettext("Nothing was kept.")])]
        )

    def get_success_url(self) -> str:
        return reverse("admin:core_auditevent_changelist")

    def _erase(self, form: Any, *, for_real: bool) -> list[tuple[Subject, erasure.ErasureReport]]:
        by: Any = self.request.user
        now, reason = timezone.now(), form.cleaned_data["reason"]
        if any(subject.row == by for subject in form.cleaned_data["subjects"]):
            raise OwnAccount
        with transaction.atomic():
            done = [
                (subject, erasure.erase(subject=subject, by=by, at=now, reason=reason))
                for subject in form.cleaned_data["subjects"]
            ]
            transaction.set_rollback(not for_real)
        return done


def _table(subject: Subject, report: erasure.ErasureReport) -> Table:
    rows = [
        *((model, "deleted", count, "") for model, count in report.deleted.items()),
        *((model, "overwritten", count, "") for model, count in report.overwritten.items()),
        *((model, "kept", count, why) for model, (count, why) in report.kept.items()),
    ]
    return Table(
        caption=gettext("What happens to %(subject)s") % {"subject": subject},
        columns=(gettext("Table"), "", gettext("Rows"), gettext("Why")),
        rows=rows,
    )
