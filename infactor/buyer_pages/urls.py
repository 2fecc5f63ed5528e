"""URL of the page of one invoice for its buyer."""

from django.urls import URLPattern, path

from infactor.buyer_pages.views import page

app_name = "buyer"

urlpatterns: list[URLPattern] = [path("<str:token>/", page, name="page")]
