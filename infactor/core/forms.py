"""How every form of the house is rendered: labels above, errors beside the field and in a summary."""

from django.forms.renderers import TemplatesSetting


class HouseRenderer(TemplatesSetting):
    """Django's own renderer, with our field template from templates/parts."""

    form_template_name = "parts/_form.html"
    field_template_name = "parts/_field.html"
