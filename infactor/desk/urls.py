"""Addresses of the desk's own pages, within admin."""

from django.urls import path

from infactor.desk.admin.account_page import AccountView
from infactor.desk.admin.collecting_actions import RecordContactView, RecordPromiseView, SendLettersView
from infactor.desk.admin.collector_list import CollectorListView
from infactor.desk.admin.my_mails import MyMailsView

urlpatterns = [
    path("desk/mails/", MyMailsView.as_view(), name="desk_mails"),
    path("desk/collect/", CollectorListView.as_view(), name="desk_collect"),
    path("desk/collect/<slug:slug>/", AccountView.as_view(), name="desk_collect_account"),
    path("desk/collect/<slug:slug>/contact/", RecordContactView.as_view(), name="desk_collect_contact"),
    path("desk/collect/<slug:slug>/promise/", RecordPromiseView.as_view(), name="desk_collect_promise"),
    path("desk/collect/<slug:slug>/letter/", SendLettersView.as_view(), name="desk_collect_letter"),
]
