"""The forms on which a buyer answers about its invoices."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core import money
from infactor.core.form_fields import AmountField, DayInput
from infactor.documents import inspection
from infactor.documents.inspection import FORMATS
from infactor.documents.models import Kind
from infactor.documents.storage import File
from infactor.verification import buyer_documents, submitted
from infactor.verification.models import Verification
from infactor.verification.submitted import Answer, SubmittedAnswer

# A longer invoice is disputed as a whole: nobody reads through more checkboxes.
MAX_LINE_CHOICES = 200
# Which fields belong to which answer. The style sheet hides the others.
FIELDS = {
    Answer.ALL: ("planned_pay_on", "po_number"),
    Answer.PART: ("amount", "lines", "reason", "planned_pay_on", "po_number"),
    Answer.DISPUTE: ("lines", "reason"),
    Answer.PAID: ("paid_on", "paid_to", "reason"),
    Answer.NOT_OURS: ("reason",),
}
CONDITIONAL = ("amount", "lines", "paid_on", "paid_to", "reason", "planned_pay_on", "po_number")
DOCUMENT_KINDS = [(kind.value, kind.label) for kind in Kind if kind in buyer_documents.SENT]


def _date_field(**kwargs: Any) -> forms.DateField:
    widget = DayInput()
    return forms.DateField(
        required=False, widget=widget, error_messages={"invalid": gettext_lazy("Enter a date.")}, **kwargs
    )


class LinesWidget(forms.CheckboxSelectMultiple):
    """A box for each line of the invoice, and beside it a field for what is wrong with it. `typed`: by place."""

    template_name = "buyer/_lines_widget.html"
    typed: Mapping[str, str] = {}

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["rows"] = [
            {
                "option": option,
                "name": f"{name}-reason-{option['value']}",
                "typed": self.typed.get(str(option["value"]), ""),
                "max_length": submitted.MAX_LINE_REASON_LENGTH,
            }
            for _group, options, _place in context["widget"]["optgroups"]
            for option in options
        ]
        return context


class DocumentForm(forms.Form):
    """A document that the buyer sends."""

    field_order: Sequence[str] = ("document", "document_kind")

    document_kind = forms.ChoiceField(required=False, choices=DOCUMENT_KINDS, label=gettext_lazy("Kind of document"))
    document = forms.FileField(
        required=False,
        max_length=200,
        label=gettext_lazy("Document"),
        help_text=format_lazy(
            gettext_lazy("{formats}, for example a credit note or proof of delivery."), formats=FORMATS
        ),
        widget=forms.FileInput(),
    )
    file: File | None = None

    def clean_document(self) -> Any:
        upload = self.cleaned_data["document"]
        if upload:
            self.file = File.sent(upload)
            try:
                inspection.inspect(self.file.data)
            except inspection.RefusedFile as refusal:
                raise forms.ValidationError(str(refusal), code="refused_file") from refusal
        return upload


class AnswerForm(DocumentForm):
    """The answers about one invoice. One without an answer is left for later, and is not checked."""

    field_order: Sequence[str] = ("answer", *CONDITIONAL, "document", "document_kind")

    answer = forms.ChoiceField(
        choices=Answer.choices,
        widget=forms.RadioSelect,
        label=gettext_lazy("Your response"),
        error_messages={"required": gettext_lazy("Choose a response.")},
    )
    amount = AmountField(required=False)
    lines = forms.TypedMultipleChoiceField(
        required=False,
        coerce=int,
        widget=LinesWidget,
        label=gettext_lazy("Lines that are wrong"),
        help_text=gettext_lazy("Leave empty if it is the whole invoice."),
    )
    reason = forms.CharField(
        required=False,
        max_length=submitted.MAX_REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        label=gettext_lazy("Reason or note"),
        help_text=gettext_lazy("Required if you approve part or dispute, unless you say it of each line."),
    )
    paid_on = _date_field(label=gettext_lazy("Paid on"))
    paid_to = forms.ChoiceField(
        required=False,
        choices=[("", gettext_lazy("Choose")), *Verification.PaidTo.choices],
        label=gettext_lazy("Paid to"),
    )
    planned_pay_on = _date_field(label=gettext_lazy("Planned pay date"))
    po_number = forms.CharField(required=False, max_length=submitted.MAX_PO_LENGTH, label=gettext_lazy("PO number"))

    def __init__(self, *args: Any, verification: Verification, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", "prefix": verification.public_id.hex, **kwargs})
        self.verification = verification
        whole = money.format_amount(verification.balance_asked, verification.currency)
        for name in ("amount", "reason", "paid_on", "paid_to"):
            # Required for some answers and not part of others: shown as neither required nor optional.
            self.fields[name].is_conditional = True  # type: ignore[attr-defined]
        self.fields["amount"].currencies = [verification.currency]  # type: ignore[attr-defined]
        self.fields["amount"].label = _("Amount you approve (%(currency)s)") % {"currency": verification.currency}
        self.fields["amount"].help_text = _("Less than %(whole)s.") % {"whole": whole}
        supplier = verification.facts["supplier"]
        choices = [("", _("Choose")), (Verification.PaidTo.SUPPLIER, supplier), *Verification.PaidTo.choices[1:]]
        self.fields["paid_to"].choices = choices  # type: ignore[attr-defined]
        # Subtotals are left out: one is wrong only if a line above it is.
        rows = [(place, row) for place, row in enumerate(verification.facts["lines"]) if row["kind"] != "SubTotalLine"]
        chosen = self.fields["lines"]
        self.places = [place for place, _row in rows]
        if 0 < len(rows) <= MAX_LINE_CHOICES and isinstance(chosen, forms.TypedMultipleChoiceField):
            chosen.choices = [(place, row["title"]) for place, row in rows]
            self.fields["lines"].widget.typed = {str(place): self._line_reason(place) for place in self.places}
        else:
            del self.fields["lines"]

    def _line_reason(self, place: int) -> str:
        """What was typed beside the line at `place`."""
        return str(self.data.get(f"{self.add_prefix('lines')}-reason-{place}", "") or "")

    @property
    def has_answer(self) -> bool:
        """Whether the buyer chose an answer about this invoice."""
        return bool(self.data.get(self.add_prefix("answer")))

    def leave_for_later(self) -> None:
        """Show what was typed, and no error."""
        self.full_clean()
        self.errors.clear()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        answer = cleaned.get("answer")
        ours = FIELDS.get(Answer(answer), ()) if answer else ()
        if "lines" in self.fields and "lines" not in self.errors:
            # Who says what is wrong with a line means that line, ticked or not.
            named = {place for place in self.places if self._line_reason(place).strip()}
            cleaned["lines"] = sorted({*cleaned.get("lines", ()), *named})
        for name in CONDITIONAL:
            if name not in ours:
                self.errors.pop(name, None)  # hidden fields are not part of the answer
        return cleaned

    def typed(self) -> list[tuple[str, str]]:
        """What was typed, by label: for somebody whose answer cannot be recorded any more."""
        found = []
        for name, field in self.fields.items():
            written = self.data.get(self.add_prefix(name), "")
            if written and name not in ("lines", "document_kind", "document"):
                choices: Mapping[str, str] = dict(getattr(field, "choices", ()))
                found.append((str(field.label), str(choices.get(written, written))[:2000]))
        return found

    def to_answer(self, person: Mapping[str, Any]) -> SubmittedAnswer:
        """The answer, once the form is valid. `person` has the name, role and phone of who gives it."""
        data = self.cleaned_data
        ours = FIELDS[Answer(data["answer"])]
        return SubmittedAnswer(
            answer=data["answer"],
            name=person["name"],
            role=person["role"],
            phone=person["phone"],
            amount=data["amount"] if "amount" in ours else None,
            reason=data["reason"] if "reason" in ours else "",
            lines=data.get("lines", ()) if "lines" in ours else (),
            paid_on=data["paid_on"] if "paid_on" in ours else None,
            paid_to=data["paid_to"] if "paid_to" in ours else "",
            planned_pay_on=data["planned_pay_on"] if "planned_pay_on" in ours else None,
            po_number=data["po_number"] if "po_number" in ours else "",
            line_reasons={place: self._line_reason(place) for place in data.get("lines", ()) if "lines" in ours},
        )


class PersonForm(forms.Form):
    """Who answers, once for all invoices."""

    name = forms.CharField(
        max_length=submitted.MAX_NAME_LENGTH,
        label=gettext_lazy("Your name"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": gettext_lazy("Enter your name.")},
    )
    role = forms.CharField(
        required=False,
        max_length=submitted.MAX_ROLE_LENGTH,
        label=gettext_lazy("Your role"),
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )
    phone = forms.CharField(
        required=False,
        max_length=submitted.MAX_PHONE_LENGTH,
        label=gettext_lazy("Phone"),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})


class ForwardForm(forms.Form):
    """A colleague who can answer."""

    invoices = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Invoices"),
        error_messages={"required": gettext_lazy("Choose at least one invoice.")},
    )
    to = forms.CharField(
        max_length=254,
        label=gettext_lazy("Colleague's email"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("At your company's domain we send the link at once. We review any other address first."),
        error_messages={"required": gettext_lazy("Enter your colleague's email address.")},
    )
    name = forms.CharField(
        max_length=submitted.MAX_NAME_LENGTH,
        label=gettext_lazy("Your name"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": gettext_lazy("Enter your name.")},
    )

    def __init__(self, *args: Any, waiting: list[Verification], **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", "prefix": "forward", **kwargs})
        field = self.fields["invoices"]
        field.choices = [  # type: ignore[attr-defined]
            (one.public_id.hex, _invoice_name(one.facts["number"])) for one in waiting
        ]
        field.initial = [one.public_id.hex for one in waiting]
        if len(waiting) == 1:
            field.widget = forms.MultipleHiddenInput()


def _invoice_name(number: str) -> str:
    return _("Invoice %(number)s") % {"number": number} if number else _("Invoice without a number")
