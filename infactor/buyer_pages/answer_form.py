"""The form on which a buyer answers."""

from typing import Any

from django import forms

from infactor.core import money
from infactor.core.form_fields import AmountField
from infactor.verification.answers import MAX_NAME_LENGTH, MAX_REASON_LENGTH, Answer, SubmittedAnswer
from infactor.verification.models import Verification

# A longer invoice is disputed as a whole: nobody reads through more checkboxes.
MAX_LINE_CHOICES = 200


class AnswerForm(forms.Form):
    """The three answers of a buyer, in one form that works without JavaScript."""

    answer = forms.ChoiceField(
        choices=Answer.choices,
        widget=forms.RadioSelect,
        label="Is this invoice right?",
        error_messages={"required": "Choose one of the answers."},
    )
    amount = AmountField(required=False)
    lines = forms.TypedMultipleChoiceField(
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        label="Which lines are wrong",
        help_text="Leave this empty if it is the whole invoice.",
    )
    reason = forms.CharField(
        required=False,
        max_length=MAX_REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="What is wrong",
        help_text="Required for a partial confirmation or a dispute. Your supplier and infactor read it.",
    )
    name = forms.CharField(
        max_length=MAX_NAME_LENGTH,
        label="Your name",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Enter the name of the person who answers."},
    )

    def __init__(self, *args: Any, verification: Verification, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        whole = money.format_amount(verification.balance_asked, verification.currency)
        for name in ("amount", "reason"):
            # Required for some answers and not part of others: shown as neither required nor optional.
            self.fields[name].is_conditional = True  # type: ignore[attr-defined]
        self.fields["amount"].currencies = [verification.currency]  # type: ignore[attr-defined]
        self.fields["amount"].label = f"The amount that is right, in {verification.currency}"
        self.fields["amount"].help_text = f"Only if a part is right. Less than {whole}."
        # Subtotals are left out: one is wrong only if a line above it is.
        rows = [(place, row) for place, row in enumerate(verification.facts["lines"]) if row["kind"] != "SubTotalLine"]
        chosen = self.fields["lines"]
        if 0 < len(rows) <= MAX_LINE_CHOICES and isinstance(chosen, forms.TypedMultipleChoiceField):
            chosen.choices = [(place, row["title"]) for place, row in rows]
        else:
            del self.fields["lines"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in self._hidden(cleaned.get("answer")):
            self.errors.pop(name, None)  # hidden fields are not part of the answer
        return cleaned

    @staticmethod
    def _hidden(answer: str | None) -> tuple[str, ...]:
        """The fields that do not belong to `answer`; the style sheet hides them."""
        if answer == Answer.PART:
            return ()
        return ("amount",) if answer == Answer.DISPUTE else ("amount", "lines", "reason")

    def to_answer(self) -> SubmittedAnswer:
        """The answer, once the form is valid."""
        data = self.cleaned_data
        return SubmittedAnswer(
            answer=data["answer"],
            name=data["name"],
            amount=data["amount"] if data["answer"] == Answer.PART else None,
            reason=data.get("reason", ""),
            lines=data.get("lines", ()) if data["answer"] != Answer.ALL else (),
        )
