"""The form of a message, with files. What was typed stays in it, whatever is refused."""

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

from infactor.core.form_fields import FilesField
from infactor.correspondence import writing
from infactor.correspondence.models import Message
from infactor.documents import inspection
from infactor.documents.storage import File


class MessageForm(forms.Form):
    """Asks for a message and files. `key` is of this form alone: sent twice, it makes one message."""

    use_required_attribute = False

    text = forms.CharField(
        label=gettext_lazy("Message"),
        max_length=writing.MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": gettext_lazy("Write a message.")},
    )
    attachments = FilesField(
        label=gettext_lazy("Files"),
        required=False,
        help_text=format_lazy(
            gettext_lazy("Optional. Up to {number} files, {size} MB together: {formats}. We keep them encrypted."),
            number=writing.MAX_FILES,
            size=settings.DOCUMENT_MAX_BYTES // 1_000_000,
            formats=inspection.FORMATS,
        ),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, initial={"key": uuid.uuid4()}, label_suffix="")

    def to_message(self) -> dict[str, Any]:
        """The cleaned data, as `writing.write` takes them."""
        data = self.cleaned_data
        files = [File.sent(one) for one in data["attachments"]]
        return {"key": data["key"], "text": data["text"], "files": files}


class DisputeForm(MessageForm):
    """Asks what the supplier says to a dispute."""

    stance = forms.ChoiceField(
        label=gettext_lazy("Your answer"),
        widget=forms.RadioSelect,
        choices=Message.Stance.choices,
        error_messages={"required": gettext_lazy("Choose your answer to the dispute.")},
    )
    field_order = ("stance", "text", "attachments", "key")

    def to_message(self) -> dict[str, Any]:
        return {**super().to_message(), "stance": self.cleaned_data["stance"]}
