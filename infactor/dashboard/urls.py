"""Addresses of the supplier's front door."""

from django.urls import URLPattern, path

from infactor.dashboard.account.application_view import application
from infactor.dashboard.account.bank_view import bank, bank_change, bank_withdraw
from infactor.dashboard.account.company_switch import choose_company, companies
from infactor.dashboard.design_page import design
from infactor.dashboard.financing.offer_view import (
    advance_cancel,
    offer,
    offer_accept,
    offer_choose,
    offer_decline,
)
from infactor.dashboard.financing.overview_view import financing
from infactor.dashboard.financing.request_view import request_money, request_page, request_withdraw
from infactor.dashboard.home.views import figures, home
from infactor.dashboard.invoices.detail_view import invoice
from infactor.dashboard.invoices.list_view import invoices, invoices_csv
from infactor.dashboard.privacy_page import privacy
from infactor.dashboard.statement.views import statement, statement_file
from infactor.dashboard.verification.views import (
    resubmit,
    verify,
    verify_ask,
    verify_withdraw,
)

app_name = "dashboard"

urlpatterns: list[URLPattern] = [
    path("", home, name="home"),
    path("figures/", figures, name="figures"),
    path("invoices/", invoices, name="invoices"),
    path("invoices.csv", invoices_csv, name="invoices_csv"),
    path("invoices/<uuid:public_id>/", invoice, name="invoice"),
    path("invoices/<uuid:public_id>/verify/", verify, name="verify"),
    path("invoices/<uuid:public_id>/verify/ask", verify_ask, name="verify_ask"),
    path("invoices/<uuid:public_id>/verify/withdraw", verify_withdraw, name="verify_withdraw"),
    path("invoices/<uuid:public_id>/resubmit", resubmit, name="resubmit"),
    path("application/", application, name="application"),
    path("bank/", bank, name="bank"),
    path("bank/change/", bank_change, name="bank_change"),
    path("bank/withdraw", bank_withdraw, name="bank_withdraw"),
    path("financing/", financing, name="financing"),
    path("financing/request/", request_money, name="request"),
    path("financing/requests/<uuid:public_id>/", request_page, name="request_page"),
    path("financing/requests/<uuid:public_id>/withdraw", request_withdraw, name="request_withdraw"),
    path("financing/offers/<uuid:public_id>/", offer, name="offer"),
    path("financing/offers/<uuid:public_id>/choose", offer_choose, name="offer_choose"),
    path("financing/offers/<uuid:public_id>/accept", offer_accept, name="offer_accept"),
    path("financing/offers/<uuid:public_id>/decline", offer_decline, name="offer_decline"),
    path("financing/advances/<uuid:public_id>/cancel", advance_cancel, name="advance_cancel"),
    path("statement/", statement, name="statement"),
    path("statement.csv", statement_file, name="statement_csv"),
    path("companies/", companies, name="companies"),
    path("companies/<uuid:public_id>/choose", choose_company, name="choose_company"),
    path("privacy", privacy, name="privacy"),
    path("design", design, name="design"),
]
