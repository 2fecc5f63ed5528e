"""URL of the page on which a buyer answers."""

from django.urls import URLPattern, path

from infactor.verification.views import page

app_name = "verification"

urlpatterns: list[URLPattern] = [path("<str:token>/", page, name="page")]
