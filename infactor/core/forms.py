"""Form rendering: labels above the fields, errors beside the field and in a summary, and a log line of the errors."""

from typing import Any

import structlog
from django.forms.forms import BaseForm
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest

log = structlog.get_logger(__name__)
LOGGED = "_errors_are_logged"
# Errors of values that the controls of a page cannot send: somebody wrote the request by hand, or the page is old.
UNOFFERED = frozenset({"invalid_choice", "invalid_list", "invalid_pk_value"})


class FormRenderer(TemplatesSetting):
    """Django's renderer with the form and field templates of templates/parts.

    Whatever shows a form that was refused passes here, so here it is logged: fields and kinds of errors, no value.
    """

    form_template_name = "parts/_form.html"
    field_template_name = "parts/_field.html"

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> Any:
        form = context.get("form") or getattr(context.get("field"), "form", None)
        if isinstance(form, BaseForm) and form.is_bound and form.errors and not hasattr(form, LOGGED):
            setattr(form, LOGGED, True)
            errors = form.errors.as_data()
            kinds = {name: sorted({one.code or "" for one in found}) for name, found in errors.items()}
            is_unoffered = any(UNOFFERED.intersection(codes) for codes in kinds.values())
            log.warning("input_refused", form=type(form).__name__, kinds=kinds, unoffered=is_unoffered)
        return super().render(template_name, context, request)
