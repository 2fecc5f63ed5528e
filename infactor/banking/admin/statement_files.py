"""Statement files in admin: upload one, say how a CSV file is read, and confirm what it holds."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import FormView

from infactor.banking import open_accounts, statement_files, statement_import, subscribers
from infactor.banking.admin import file_tables
from infactor.banking.admin.decisions import BankingDecision
from infactor.banking.admin.layout_form import LayoutForm
from infactor.banking.errors import BankingError
from infactor.banking.formats.records import MAX_BYTES, UnreadableFile
from infactor.banking.models import StatementFile
from infactor.core.admin.decisions import DecisionAdmin, RowDecision, StaffView
from infactor.core.admin.formatting import change_url
from infactor.core.admin.tables import Facts, Table
from infactor.suppliers.access import signed_in_user


class UploadForm(forms.Form):
    """Asks for a bank's file."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=format_lazy(
            gettext_lazy("CAMT.053, CAMT.054, BAI2, MT940, OFX or CSV, at most {size} MB."), size=MAX_BYTES // 1_000_000
        ),
    )
    account = forms.ModelChoiceField(
        open_accounts.choices(),
        required=False,
        label=gettext_lazy("House account"),
        help_text=gettext_lazy(
            "Needed for CSV. Other formats name their account; a file of another account is refused."
        ),
    )


class UploadView(StaffView, FormView):
    """Asks for a file and keeps it; the next page shows what it holds."""

    label = gettext_lazy("Upload a bank statement")
    permission = statement_files.IMPORT_STATEMENTS
    form_class = UploadForm
    template_name = "admin/banking/statementfile/import.html"

    def form_valid(self, form: Any) -> HttpResponse:
        sent = form.cleaned_data["file"]
        if sent.size > MAX_BYTES:
            form.add_error(
                "file", _("This file is larger than %(max_bytes)s MB. Split it.") % {"max_bytes": MAX_BYTES // 1000000}
            )
            return self.form_invalid(form)
        try:
            file = statement_files.upload(
                name=sent.name,
                data=sent.read(),
                account=form.cleaned_data["account"],
                by=signed_in_user(self.request),
                at=timezone.now(),
            )
        except UnreadableFile as problem:
            form.add_error("file", str(problem))
            return self.form_invalid(form)
        except BankingError as problem:
            form.add_error("account", str(problem))
            return self.form_invalid(form)
        undecided = statement_files.read(file=file).parsed is None
        name = "layout" if undecided else "confirm"
        return HttpResponseRedirect(reverse(f"admin:banking_statementfile_{name}", args=[file.pk]))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **admin.site.each_context(self.request),
            **super().get_context_data(**kwargs),
            "title": _("Import a bank statement"),
            "opts": StatementFile._meta,
        }


class FileDecision(RowDecision, BankingDecision):
    """A decision about a file that is not imported yet."""

    row: StatementFile
    permission = statement_files.IMPORT_STATEMENTS

    @cached_property
    def found(self) -> statement_files.ReadFile:
        """What the file holds, read once for a page: it may be large."""
        return statement_files.read(file=self.row)

    @classmethod
    def is_possible(cls, row: StatementFile) -> bool:
        return row.status == StatementFile.Status.UPLOADED


class LayoutView(FileDecision):
    """Say how a CSV file is read, where the file does not decide it or is read wrongly."""

    name, label, title, button = (
        "layout",
        gettext_lazy("Choose how it is read"),
        gettext_lazy("How the file is read"),
        gettext_lazy("Read it this way"),
    )
    form_class = LayoutForm
    back_label = gettext_lazy("Import a bank statement")

    @classmethod
    def is_possible(cls, row: StatementFile) -> bool:
        return super().is_possible(row) and row.format == "CSV"

    @classmethod
    def blocker_of(cls, row: StatementFile) -> str:
        if row.format != "CSV":
            return _("Only of a CSV file can you say how it is read. The format of this one is %(format)s.") % {
                "format": row.format
            }
        return super().blocker_of(row)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "detection": self.found.detection}

    def tables(self) -> Sequence[Table]:
        return file_tables.sample(self.found)

    def get_success_url(self) -> str:
        return reverse("admin:banking_statementfile_confirm", args=[self.row.pk])

    def get_blocked_url(self) -> str:
        return change_url(self.row)

    def perform(self, form: Any) -> str:
        statement_files.choose_layout(file=self.row, chosen=form.chosen(), by=self.user)
        return _("Check below what the file holds now.")


class ConfirmView(FileDecision):
    """Show what a file holds and what of it is new, and keep that."""

    name, label, title, button = (
        "confirm",
        gettext_lazy("Preview and import"),
        gettext_lazy("Import a bank statement"),
        gettext_lazy("Import"),
    )
    needs_fresh_factor = True  # debits that name their payouts are booked with it

    def blocker(self) -> str:
        if super().blocker():
            return super().blocker()
        if self.found.parsed is None:
            return _("The file can be read in more than one way. Choose how it is read first.")
        return ""

    def get_blocked_url(self) -> str:
        if self.is_possible(self.row):
            return reverse("admin:banking_statementfile_layout", args=[self.row.pk])
        return change_url(self.row)

    def get_success_url(self) -> str:
        return change_url(self.row)

    def facts(self) -> Facts:
        return file_tables.facts(self.row, self.found)

    def tables(self) -> Sequence[Table]:
        parsed = self.found.parsed
        return () if parsed is None else file_tables.plan(statement_import.plan(file=self.row, parsed=parsed))

    def perform(self, form: Any) -> str:
        now = timezone.now()
        with transaction.atomic():
            done = statement_import.confirm(file=self.row, by=self.user, at=now)
            subscribers.notify(file=done, by=self.user, at=now)
        if done.refusals:
            messages.warning(
                self.request, _("%(count)s lines are refused. They are named below.") % {"count": len(done.refusals)}
            )
        return ngettext(
            "%(new_lines)s new line imported, %(known_lines)s known before.",
            "%(new_lines)s new lines imported, %(known_lines)s known before.",
            done.new_lines,
        ) % {"new_lines": done.new_lines, "known_lines": done.known_lines}


@admin.register(StatementFile)
class StatementFileAdmin(DecisionAdmin):
    list_display = ("name", "format", "status", "new_lines", "known_lines", "refused", "uploaded_by", "uploaded_at")
    list_filter = ("status", "format")
    list_select_related = ("uploaded_by",)
    search_fields = ("name",)
    change_list_template = "admin/banking/statementfile/change_list.html"
    fields = (
        "name",
        "format",
        "account",
        "size",
        "status",
        "uploaded_by",
        "uploaded_at",
        "imported_by",
        "imported_at",
        "new_lines",
        "known_lines",
    )
    decisions = (ConfirmView, LayoutView)

    def get_urls(self) -> list[URLPattern]:
        """With the page that uploads a file."""
        view = self.admin_site.admin_view(UploadView.as_view())
        return [path("import/", view, name="banking_statementfile_import"), *super().get_urls()]

    def related_tables(self, row: StatementFile) -> Sequence[Table]:
        return [file_tables.refusals(row.refusals), file_tables.statements(row)]

    @admin.display(description=gettext_lazy("Refused"))
    def refused(self, row: StatementFile) -> str:
        return str(len(row.refusals))

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("content")
