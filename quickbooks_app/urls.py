"""Addresses of the QuickBooks side. `/quickbook/connect` is registered at Intuit and must never change."""

from django.urls import path

from quickbooks_app import consent_views, views, webhook_views

app_name = "quickbooks"

urlpatterns = [
    path("", views.home, name="home"),
    path("card", views.card, name="card"),
    path("authorize", consent_views.authorize, name="authorize"),
    path("connect", consent_views.callback, name="callback"),
    path("connected", consent_views.connected, name="connected"),
    path("status", consent_views.status, name="status"),
    path("webhook", webhook_views.receive, name="webhook"),
    path("help", views.help_page, name="help"),
    path("<uuid:public_id>/sync", views.sync, name="sync"),
    path("<uuid:public_id>/disconnect", views.confirm_disconnect, name="confirm_disconnect"),
    path("<uuid:public_id>/disconnect/confirmed", views.disconnect, name="disconnect"),
]
