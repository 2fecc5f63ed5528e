"""Staff write to a supplier: about a row of theirs, or as the answer in a thread."""

import uuid
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.apps import apps
from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.decisions import DecisionView, RowDecision
from infactor.core.admin.formatting import change_url, link
from infactor.core.admin.tables import Facts, Table
from infactor.core.form_fields import FilesField
from infactor.correspondence import threads, writing
from infactor.correspondence.admin.texts import messages_table
from infactor.correspondence.models import Thread
from infactor.correspondence.threads import ANSWER_SUPPLIERS, About, MessageRefused
from infactor.documents import inspection, storage
from infactor.documents.storage import File
from infactor.suppliers.access import signed_in_user
from infactor.suppliers.models import Supplier
from infactor.users.models import User

REFUSALS = (MessageRefused, inspection.RefusedFile, storage.CannotKeep)
ABOUT = {
    "supplier": "suppliers.Supplier",
    "invoice": "invoices.Invoice",
    "financingrequest": "financing.FinancingRequest",
    "advance": "financing.Advance",
}


class WriteForm(forms.Form):
    """Asks for a message to a supplier. `key` is of this form alone: sent twice, it makes one message."""

    text = forms.CharField(
        label=gettext_lazy("Message"),
        max_length=writing.MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("Everyone at the supplier can read it. The email about it does not contain it."),
    )
    attachments = FilesField(
        label=gettext_lazy("Files"),
        required=False,
        help_text=format_lazy(
            gettext_lazy("Optional. Up to {number} files, {size} MB together: {formats}."),
            number=writing.MAX_FILES,
            size=settings.DOCUMENT_MAX_BYTES // 1_000_000,
            formats=inspection.FORMATS,
        ),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)


class _Writing(DecisionView):
    """Writes to a supplier about a row, or about none."""

    permission = ANSWER_SUPPLIERS
    title = gettext_lazy("Write to the supplier")
    button = gettext_lazy("Send")
    form_class = WriteForm
    refusals = REFUSALS
    supplier: Supplier
    about: About | None

    def get_initial(self) -> dict[str, Any]:
        return {"key": uuid.uuid4()}

    @property
    def user(self) -> User:
        return signed_in_user(self.request)

    @cached_property
    def thread(self) -> Thread | None:
        return threads.find(supplier=self.supplier, about=self.about)

    def facts(self) -> Facts:
        about = [(_("About"), link(self.about))] if self.about is not None else []
        return [(_("Supplier"), link(self.supplier)), *about]

    def tables(self) -> Sequence[Table]:
        return [messages_table(self.thread)] if self.thread is not None else []

    def form_valid(self, form: Any) -> HttpResponse:
        """A second click comes after the table of messages has changed; its message is there already."""
        if writing.sent_before(supplier=self.supplier, key=form.cleaned_data["key"], by=self.user) is not None:
            return HttpResponseRedirect(self.get_success_url())
        return super().form_valid(form)

    def perform(self, form: Any) -> str:
        data = form.cleaned_data
        message = writing.answer(
            supplier=self.supplier,
            about=self.about,
            key=data["key"],
            text=data["text"],
            files=[File.sent(one) for one in data["attachments"]],
            by=self.user,
            at=timezone.now(),
        )
        self.thread = message.thread
        return _("Your message is sent.")

    def get_success_url(self) -> str:
        return change_url(self.thread if self.thread is not None else self.about or self.supplier)


class WriteView(_Writing):
    """Write about the row that `?about=invoice:5` names, or with `supplier:5` about none."""

    def load(self) -> None:
        name, _colon, key = self.request.GET.get("about", "").partition(":")
        if name not in ABOUT or not key.isdecimal() or len(key) > 18:
            raise Http404
        model = apps.get_model(ABOUT[name])
        if not self.request.user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}"):
            raise Http404
        row = model._default_manager.filter(pk=int(key)).first()
        if row is None:
            raise Http404
        self.supplier, self.about = (row, None) if isinstance(row, Supplier) else (row.supplier, row)


class AnswerView(RowDecision, _Writing):
    """Answer what the supplier wrote."""

    row: Thread
    name, label = "answer", gettext_lazy("Answer")

    def load(self) -> None:
        super().load()
        self.supplier, self.about = self.row.supplier, self.row.about

    def get_success_url(self) -> str:
        return change_url(self.row)
