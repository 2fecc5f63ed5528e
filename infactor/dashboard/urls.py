"""Addresses of the supplier's front door."""

from django.urls import URLPattern, path

from infactor.dashboard.views.home import home

app_name = "dashboard"

urlpatterns: list[URLPattern] = [
    path("", home, name="home"),
]
