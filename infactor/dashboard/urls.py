"""URLs of the supplier's pages."""

from django.urls import URLPattern, path

from infactor.dashboard.account.application_view import application
from infactor.dashboard.account.bank_view import bank, bank_change, bank_withdraw
from infactor.dashboard.account.company_switch import choose_company, companies
from infactor.dashboard.design_page import design
from infactor.dashboard.export_views import export, export_file, invoices_csv, invoices_export
from infactor.dashboard.financing.forwarding_view import forward_payment
from infactor.dashboard.financing.offer_view import (
    advance_cancel,
    offer,
    offer_accept,
    offer_decline,
    offer_select,
)
from infactor.dashboard.financing.overview_view import financing
from infactor.dashboard.financing.request_view import (
    financing_request,
    financing_request_new,
    financing_request_withdraw,
)
from infactor.dashboard.home.views import home, home_figures
from infactor.dashboard.invoices.detail_view import invoice
from infactor.dashboard.invoices.list_view import invoices
from infactor.dashboard.privacy_page import privacy
from infactor.dashboard.statement.views import statement, statement_csv
from infactor.dashboard.terms_page import terms
from infactor.dashboard.verification.views import (
    invoice_resubmit,
    verification_approve,
    verification_request,
    verification_withdraw,
)

app_name = "dashboard"

urlpatterns: list[URLPattern] = [
    path("", home, name="home"),
    path("figures/", home_figures, name="home_figures"),
    path("invoices/", invoices, name="invoices"),
    path("invoices.csv", invoices_csv, name="invoices_csv"),
    path("invoices/export/", invoices_export, name="invoices_export"),
    path("exports/<uuid:public_id>/", export, name="export"),
    path("exports/<uuid:public_id>.csv", export_file, name="export_file"),
    path("invoices/<uuid:public_id>/", invoice, name="invoice"),
    path("invoices/<uuid:public_id>/verify/", verification_approve, name="verification_approve"),
    path("invoices/<uuid:public_id>/verify/ask", verification_request, name="verification_request"),
    path("invoices/<uuid:public_id>/verify/withdraw", verification_withdraw, name="verification_withdraw"),
    path("invoices/<uuid:public_id>/resubmit", invoice_resubmit, name="invoice_resubmit"),
    path("application/", application, name="application"),
    path("bank/", bank, name="bank"),
    path("bank/change/", bank_change, name="bank_change"),
    path("bank/withdraw", bank_withdraw, name="bank_withdraw"),
    path("financing/", financing, name="financing"),
    path("financing/request/", financing_request_new, name="financing_request_new"),
    path("financing/requests/<uuid:public_id>/", financing_request, name="financing_request"),
    path("financing/requests/<uuid:public_id>/withdraw", financing_request_withdraw, name="financing_request_withdraw"),
    path("financing/offers/<uuid:public_id>/", offer, name="offer"),
    path("financing/offers/<uuid:public_id>/choose", offer_select, name="offer_select"),
    path("financing/offers/<uuid:public_id>/accept", offer_accept, name="offer_accept"),
    path("financing/offers/<uuid:public_id>/decline", offer_decline, name="offer_decline"),
    path("financing/advances/<uuid:public_id>/cancel", advance_cancel, name="advance_cancel"),
    path("financing/payments/<uuid:public_id>/forward", forward_payment, name="forward_payment"),
    path("statement/", statement, name="statement"),
    path("statement.csv", statement_csv, name="statement_csv"),
    path("companies/", companies, name="companies"),
    path("companies/<uuid:public_id>/choose", choose_company, name="choose_company"),
    path("privacy", privacy, name="privacy"),
    path("terms", terms, name="terms"),
    path("design", design, name="design"),
]
