"""URLs of the QuickBooks pages. `/quickbook/connect` and others are registered at Intuit and must never change."""

from django.urls import path

from quickbooks_app.views import (
    attachments,
    bookkeeping,
    dashboard,
    intuit_urls,
    live_updates,
    oauth,
    own_app,
    webhook,
    writes,
)
from quickbooks_app.views.making import buyers, invoices, payments, results

app_name = "quickbooks"

urlpatterns = [
    path("", dashboard.home, name="home"),
    path("card", dashboard.card, name="card"),
    path("pulse", live_updates.changes_since, name="changes"),
    path("banner", dashboard.banner, name="banner"),
    path("runs/<uuid:public_id>", dashboard.run_page, name="run"),
    path("authorize", oauth.authorize, name="authorize"),
    path("choose", own_app.choose, name="choose_app"),
    path("apps/<uuid:public_id>", own_app.keys, name="own_app"),
    path("apps/<uuid:public_id>/forget", own_app.forget, name="forget_app"),
    path("closed", oauth.closed, name="closed"),
    path("connect", oauth.callback, name="callback"),
    path("connected", oauth.connected, name="connected"),
    path("status", oauth.status, name="status"),
    path("webhook", webhook.receive, name="webhook"),
    path("webhook/<uuid:public_id>", webhook.receive, name="integration_webhook"),
    path("other/<uuid:attempt_id>/connect", oauth.confirm_other, name="confirm_other"),
    path("other/<uuid:attempt_id>/decline", oauth.reject_other, name="reject_other"),
    # Also registered at Intuit, like `connect`.
    path("launch", intuit_urls.launch, name="launch"),
    path("disconnect", intuit_urls.disconnect_landing, name="disconnect_landing"),
    path("disconnected", intuit_urls.disconnected, name="disconnected"),
    path("reconnect", intuit_urls.reconnect_landing, name="reconnect_landing"),
    path("reconnect/confirm", intuit_urls.reconnect, name="reconnect"),
    path("invoices/<uuid:public_id>/attachments/<int:attachment_id>", attachments.download, name="attachment"),
    path("invoices/<uuid:public_id>/attachments/<int:attachment_id>/show", attachments.show_buyer, name="show_buyer"),
    path("invoices/<uuid:public_id>.pdf", attachments.printed, name="printed_invoice"),
    path("help", dashboard.help_page, name="help"),
    path("<uuid:public_id>/sync", dashboard.sync, name="sync"),
    path("<uuid:public_id>/reconnect", oauth.reauthorize, name="reauthorize"),
    path("<uuid:public_id>/writes", writes.writes, name="writes"),
    path("<uuid:public_id>/writes/allow", writes.allow, name="allow_writes"),
    path("<uuid:public_id>/writes/stop", writes.stop, name="stop_writes"),
    path("<uuid:public_id>/bookkeeping", bookkeeping.bookkeeping, name="bookkeeping"),
    path("<uuid:public_id>/bookkeeping/on", bookkeeping.turn_on, name="bookkeeping_on"),
    path("<uuid:public_id>/bookkeeping/off", bookkeeping.turn_off, name="bookkeeping_off"),
    path("<uuid:public_id>/make/buyer", buyers.make_buyer, name="make_buyer"),
    path("<uuid:public_id>/make/invoice", invoices.make_invoice, name="make_invoice"),
    path("<uuid:public_id>/make/payment", payments.make_payment, name="make_payment"),
    path("<uuid:public_id>/made", results.made_list, name="made"),
    path("<uuid:public_id>/made/<uuid:made_id>", results.made_one, name="made_one"),
    path("<uuid:public_id>/made/<uuid:made_id>/again", results.make_again, name="make_again"),
    path("<uuid:public_id>/made/<uuid:made_id>/change", invoices.change_invoice, name="change_made"),
    path("<uuid:public_id>/made/<uuid:made_id>/end", results.end_made, name="end_made"),
    path("<uuid:public_id>/disconnect", dashboard.confirm_disconnect, name="confirm_disconnect"),
    path("<uuid:public_id>/disconnect/confirmed", dashboard.disconnect, name="disconnect"),
]
