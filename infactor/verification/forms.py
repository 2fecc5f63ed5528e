"""What a buyer fills in on their page; what of it is wrong is said beside it."""

from typing import Any

from django import forms

from infactor.core import money
from infactor.core.form_fields import AmountField
from infactor.verification.answers import LONGEST_NAME, LONGEST_REASON, Answer, Given
from infactor.verification.models import Verification

# More boxes than anybody looks through; a longer invoice is disputed as a whole, with the lines in the reason.
LINES_TO_CHOOSE = 200


class AnswerForm(forms.Form):
    """The three answers of a buyer. One form, so that it works without JavaScript."""

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
        help_text="Choose none if it is the whole invoice.",
    )
    reason = forms.CharField(
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="What is wrong",
        help_text="Needed for a part or a dispute. Your supplier and infactor read it.",
    )
    acknowledged = forms.BooleanField(
        required=False, label="I have read that payments of this invoice go to infactor's account"
    )
    name = forms.CharField(
        max_length=LONGEST_NAME,
        label="Your name",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Enter the name of the person who answers."},
    )

    def __init__(self, *args: Any, verification: Verification, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        whole = money.text(verification.balance_asked, verification.currency)
        for name in ("amount", "reason"):
            # Needed for one answer and no part of another: neither required nor optional.
            self.fields[name].is_conditional = True  # type: ignore[attr-defined]
        self.fields["amount"].currencies = [verification.currency]  # type: ignore[attr-defined]
        self.fields["amount"].label = f"The amount that is right, in {verification.currency}"
        self.fields["amount"].help_text = f"Only if a part is right. Less than {whole}."
        # A sum is wrong where a line above it is.
        rows = [(place, row) for place, row in enumerate(verification.facts["lines"]) if row["kind"] != "SubTotalLine"]
        chosen = self.fields["lines"]
        if 0 < len(rows) <= LINES_TO_CHOOSE and isinstance(chosen, forms.TypedMultipleChoiceField):
            chosen.choices = [(place, row["title"]) for place, row in rows]
        else:
            del self.fields["lines"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("answer") in (Answer.ALL, Answer.PART) and not cleaned.get("acknowledged"):
            self.add_error("acknowledged", "To confirm, say that you have read where this invoice is paid to.")
        for name in self._hidden(cleaned.get("answer")):
            self.errors.pop(name, None)  # what is no part of the answer is not seen either
        return cleaned

    @staticmethod
    def _hidden(answer: str | None) -> tuple[str, ...]:
        """The fields that the style sheet hides beside `answer`, where the browser can."""
        if answer == Answer.PART:
            return ()
        return ("amount",) if answer == Answer.DISPUTE else ("amount", "lines", "reason")

    def given(self) -> Given:
        """What was filled in, once it is valid."""
        said = self.cleaned_data
        return Given(
            answer=said["answer"],
            name=said["name"],
            amount=said["amount"] if said["answer"] == Answer.PART else None,
            reason=said.get("reason", ""),
            lines=said.get("lines", ()) if said["answer"] != Answer.ALL else (),
            acknowledged=said["acknowledged"],
        )
