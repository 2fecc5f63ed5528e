"""URLs of the help centre."""

from django.urls import URLPattern, path

from infactor.help_center.views import index, page

app_name = "help"

urlpatterns: list[URLPattern] = [
    path("", index, name="index"),
    path("<slug:slug>/", page, name="page"),
]
