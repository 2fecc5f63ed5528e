"""Addresses of month end, within admin."""

from django.urls import path

from infactor.month_end.admin import decisions, exports, information_returns, overview

urlpatterns = [
    path("month-end/", overview.OverviewView.as_view(), name="month_end"),
    path("month-end/accrue/", decisions.AccrueView.as_view(), name="month_end_accrue"),
    path("month-end/close/", decisions.CloseView.as_view(), name="month_end_close"),
    path("month-end/export/", exports.ExportView.as_view(), name="month_end_export"),
    path("month-end/account-names/", exports.NamesView.as_view(), name="month_end_account_names"),
    path("month-end/1099/", information_returns.InformationReturnsView.as_view(), name="month_end_1099"),
    path("month-end/1099/file/", information_returns.InformationReturnsFileView.as_view(), name="month_end_1099_file"),
    path("month-end/reopen/<int:pk>/", decisions.ReopenView.as_view(), name="month_end_reopen"),
]
