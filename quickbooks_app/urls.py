"""Addresses of the QuickBooks side."""

from django.urls import URLPattern

app_name = "quickbooks"

urlpatterns: list[URLPattern] = []
