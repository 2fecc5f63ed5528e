"""The pages of the help centre: the index with its search, and each page. Everybody may read them."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from infactor.help_center import search
from infactor.help_center.pages import library


@require_safe
@login_not_required
def index(request: HttpRequest) -> HttpResponse:
    """All pages by theme or, with `q`, those that the search finds. It works by its address, without JavaScript."""
    pages = library()
    query = request.GET.get("q", "")[: search.MAX_QUERY].replace("\0", "").strip()
    results = search.search(query, library=pages) if query else []
    context = {
        "query": query,
        "max_query": search.MAX_QUERY,
        "has_words": search.has_words(query, library=pages),
        "results": results,
        "themes": {} if results else pages.themes,
    }
    return render(request, "help/index.html", context)


@require_safe
@login_not_required
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """One page of the help, with the pages before and after it."""
    pages = library()
    found = pages.find(slug)
    if found is None:
        raise Http404
    before, after = pages.neighbours(found)
    return render(request, "help/page.html", {"page": found, "before": before, "after": after})
