"""Addresses of the QuickBooks side. `/quickbook/connect` and others are registered at Intuit and must never change."""

from django.urls import path

from quickbooks_app.views import (
    dashboard as views,
)
from quickbooks_app.views import (
    intuit_urls as address_views,
)
from quickbooks_app.views import (
    live_updates as pulse_views,
)
from quickbooks_app.views import (
    oauth as consent_views,
)
from quickbooks_app.views import (
    webhook as webhook_views,
)

app_name = "quickbooks"

urlpatterns = [
    path("", views.home, name="home"),
    path("card", views.card, name="card"),
    path("pulse", pulse_views.pulse, name="pulse"),
    path("banner", views.banner, name="banner"),
    path("runs/<uuid:public_id>", views.run_page, name="run"),
    path("authorize", consent_views.authorize, name="authorize"),
    path("connect", consent_views.callback, name="callback"),
    path("connected", consent_views.connected, name="connected"),
    path("status", consent_views.status, name="status"),
    path("webhook", webhook_views.receive, name="webhook"),
    path("other/<uuid:attempt_id>/connect", consent_views.use_other, name="use_other"),
    path("other/<uuid:attempt_id>/decline", consent_views.decline_other, name="decline_other"),
    # Registered at Intuit beside the redirect.
    path("launch", address_views.launch, name="launch"),
    path("disconnect", address_views.disconnect_address, name="disconnect_address"),
    path("disconnected", address_views.disconnected, name="disconnected"),
    path("reconnect", address_views.reconnect_address, name="reconnect_address"),
    path("reconnect/confirm", address_views.reconnect_page, name="reconnect_page"),
    path("help", views.help_page, name="help"),
    path("<uuid:public_id>/sync", views.sync, name="sync"),
    path("<uuid:public_id>/reconnect", consent_views.reconnect, name="reconnect"),
    path("<uuid:public_id>/disconnect", views.confirm_disconnect, name="confirm_disconnect"),
    path("<uuid:public_id>/disconnect/confirmed", views.disconnect, name="disconnect"),
]
