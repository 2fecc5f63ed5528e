"""Template tags of the help: a term explained where it stands, and the help page about a page of the site.

Every template has them without `load`.
"""

from typing import Any
from urllib.parse import urljoin

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from infactor.help_center.places import PAGE_OF
from infactor.help_center.terms import terms

register = template.Library()


@register.simple_tag(takes_context=True)
def term(context: dict[str, Any], slug: str) -> SafeString:
    """A "?" behind a word of the page. It opens what the word means, and a link to the help page that says more.

    Only at the first use of `slug` in a response: further ones print nothing. Raises KeyError for an unknown term.
    """
    request = getattr(context, "request", None)
    explained: set[str] = getattr(request, "explained_terms", set())
    if slug in explained:
        return SafeString()
    if request is not None:
        request.explained_terms = explained | {slug}
    return SafeString(render_to_string("help/_term.html", {"term": terms()[slug]}).strip())


@register.simple_tag
def buyers_guide() -> str:
    """The whole address of the help for buyers, for mails."""
    return urljoin(str(settings.QUICKBOOKS_REDIRECT_URI), reverse("help:page", kwargs={"slug": "for-buyers"}))


@register.simple_tag(takes_context=True)
def help_address(context: dict[str, Any]) -> str:
    """The address of the help page about the page that is shown, or of the index."""
    match = getattr(getattr(context, "request", None), "resolver_match", None)
    slug = PAGE_OF.get(match.view_name) if match else None
    return reverse("help:page", kwargs={"slug": slug}) if slug else reverse("help:index")
