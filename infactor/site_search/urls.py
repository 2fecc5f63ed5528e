"""URL of the search over everything of a supplier."""

from django.urls import URLPattern, path

from infactor.site_search.views import search

app_name = "search"

urlpatterns: list[URLPattern] = [path("", search, name="page")]
