"""Addresses of the reports, within admin."""

from django.urls import path

from infactor.reports import views

urlpatterns = [
    path("reports/", views.ReportsView.as_view(), name="reports_index"),
    path("reports/figures/", views.FiguresView.as_view(), name="reports_figures"),
    path("reports/<slug:slug>/", views.ReportView.as_view(), name="reports_report"),
]
