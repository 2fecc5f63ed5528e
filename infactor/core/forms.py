"""Form rendering: labels above the fields, errors beside the field and in a summary."""

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Django's renderer with the form and field templates of templates/parts."""

    form_template_name = "parts/_form.html"
    field_template_name = "parts/_field.html"
