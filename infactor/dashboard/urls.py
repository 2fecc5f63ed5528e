"""URLs of the supplier's pages."""

from django.urls import URLPattern, path, re_path

from infactor.dashboard.account.application_view import application
from infactor.dashboard.account.bank_view import bank, bank_amounts, bank_change, bank_withdraw
from infactor.dashboard.account.company_switch import choose_company, companies
from infactor.dashboard.account.documents_view import documents
from infactor.dashboard.buyers.list_view import buyers
from infactor.dashboard.buyers.page_view import buyer
from infactor.dashboard.design_page import design
from infactor.dashboard.disputes.views import dispute, dispute_list
from infactor.dashboard.export_views import (
    export,
    export_file,
    export_pdf,
    export_workbook,
    invoices_csv,
    invoices_export,
    invoices_xlsx,
)
from infactor.dashboard.financing.forwarding_view import forward_payment
from infactor.dashboard.financing.offer_view import (
    advance_cancel,
    offer,
    offer_accept,
    offer_confirm,
    offer_decline,
    offer_propose,
    offer_select,
    offer_unpropose,
)
from infactor.dashboard.financing.overview_view import financing
from infactor.dashboard.financing.pay_view import pay_advance, pay_debt
from infactor.dashboard.financing.request_view import (
    financing_request,
    financing_request_new,
    financing_request_withdraw,
)
from infactor.dashboard.home.calendar import calendar
from infactor.dashboard.home.views import home_figures
from infactor.dashboard.invoices.by_hand.document_views import (
    invoice_document,
    invoice_document_delete,
    invoice_documents_page,
)
from infactor.dashboard.invoices.by_hand.entry_views import invoice_delete, invoice_edit, invoice_new
from infactor.dashboard.invoices.by_hand.upload_views import invoice_template, invoice_upload, invoice_upload_check
from infactor.dashboard.invoices.detail_view import invoice
from infactor.dashboard.invoices.list_actions import invoices_display, invoices_selection, invoices_views
from infactor.dashboard.invoices.list_view import invoices
from infactor.dashboard.landing import front_page, robots
from infactor.dashboard.letter_views import fees_pdf, statement_export, statement_pdf
from infactor.dashboard.messages.views import message_file, message_list, message_new, message_thread, messages_read
from infactor.dashboard.privacy_page import privacy
from infactor.dashboard.settings_pages.data_view import data, data_file, data_request
from infactor.dashboard.settings_pages.invitation_view import invitation
from infactor.dashboard.settings_pages.leave_view import (
    leave,
    leave_request,
    leave_withdraw,
    payoff_pdf,
    release_letter,
    release_pdf,
)
from infactor.dashboard.settings_pages.notifications_view import (
    notification_open,
    notification_settings,
    notifications,
    notifications_read,
    unsubscribe,
)
from infactor.dashboard.settings_pages.overview import company, settings_home
from infactor.dashboard.settings_pages.people_view import (
    invitation_cancel,
    invitation_resend,
    invite,
    member_remove,
    member_role,
    people_list,
)
from infactor.dashboard.settings_pages.two_people_view import two_people
from infactor.dashboard.statement.fees import fees, fees_csv
from infactor.dashboard.statement.views import statement, statement_csv
from infactor.dashboard.terms_page import terms
from infactor.dashboard.verification.many_views import ask_buyers
from infactor.dashboard.verification.views import (
    invoice_resubmit,
    verification_approve,
    verification_request,
    verification_withdraw,
)
from infactor.dashboard.verification.waiting_view import remind_buyer, waiting_buyers

app_name = "dashboard"

urlpatterns: list[URLPattern] = [
    path("", front_page, name="home"),
    path("robots.txt", robots, name="robots"),
    path("figures/", home_figures, name="home_figures"),
    path("calendar.ics", calendar, name="calendar"),
    path("invoices/", invoices, name="invoices"),
    path("invoices.csv", invoices_csv, name="invoices_csv"),
    path("invoices.xlsx", invoices_xlsx, name="invoices_xlsx"),
    path("invoices/selection", invoices_selection, name="invoices_selection"),
    path("invoices/views", invoices_views, name="invoices_views"),
    path("invoices/display", invoices_display, name="invoices_display"),
    path("invoices/ask/", ask_buyers, name="ask_buyers"),
    path("invoices/waiting/", waiting_buyers, name="waiting_buyers"),
    path("invoices/waiting/<uuid:public_id>/remind", remind_buyer, name="remind_buyer"),
    path("invoices/export/", invoices_export, name="invoices_export"),
    path("exports/<uuid:public_id>/", export, name="export"),
    path("exports/<uuid:public_id>.csv", export_file, name="export_file"),
    path("exports/<uuid:public_id>.xlsx", export_workbook, name="export_workbook"),
    path("exports/<uuid:public_id>.pdf", export_pdf, name="export_pdf"),
    path("invoices/new/", invoice_new, name="invoice_new"),
    path("invoices/upload/", invoice_upload, name="invoice_upload"),
    path("invoices/uploads/<uuid:public_id>/", invoice_upload_check, name="invoice_upload_check"),
    re_path(r"^invoices/template\.(?P<file_format>csv|xlsx)\Z", invoice_template, name="invoice_template"),
    path("invoices/<uuid:public_id>/", invoice, name="invoice"),
    path("invoices/<uuid:public_id>/edit/", invoice_edit, name="invoice_edit"),
    path("invoices/<uuid:public_id>/delete/", invoice_delete, name="invoice_delete"),
    path("invoices/<uuid:public_id>/documents/", invoice_documents_page, name="invoice_documents"),
    path("invoices/<uuid:public_id>/documents/<uuid:document_id>/", invoice_document, name="invoice_document"),
    path(
        "invoices/<uuid:public_id>/documents/<uuid:document_id>/delete",
        invoice_document_delete,
        name="invoice_document_delete",
    ),
    path("invoices/<uuid:public_id>/verify/", verification_approve, name="verification_approve"),
    path("invoices/<uuid:public_id>/verify/ask", verification_request, name="verification_request"),
    path("invoices/<uuid:public_id>/verify/withdraw", verification_withdraw, name="verification_withdraw"),
    path("invoices/<uuid:public_id>/resubmit", invoice_resubmit, name="invoice_resubmit"),
    path("buyers/", buyers, name="buyers"),
    path("buyers/<uuid:public_id>/", buyer, name="buyer"),
    path("application/", application, name="application"),
    path("application/documents/", documents, name="documents"),
    path("bank/", bank, name="bank"),
    path("bank/change/", bank_change, name="bank_change"),
    path("bank/amounts", bank_amounts, name="bank_amounts"),
    path("bank/withdraw", bank_withdraw, name="bank_withdraw"),
    path("financing/", financing, name="financing"),
    path("financing/request/", financing_request_new, name="financing_request_new"),
    path("financing/requests/<uuid:public_id>/", financing_request, name="financing_request"),
    path("financing/requests/<uuid:public_id>/withdraw", financing_request_withdraw, name="financing_request_withdraw"),
    path("financing/offers/<uuid:public_id>/", offer, name="offer"),
    path("financing/offers/<uuid:public_id>/choose", offer_select, name="offer_select"),
    path("financing/offers/<uuid:public_id>/accept", offer_accept, name="offer_accept"),
    path("financing/offers/<uuid:public_id>/propose", offer_propose, name="offer_propose"),
    path("financing/offers/<uuid:public_id>/confirm", offer_confirm, name="offer_confirm"),
    path("financing/offers/<uuid:public_id>/unpropose", offer_unpropose, name="offer_unpropose"),
    path("financing/offers/<uuid:public_id>/decline", offer_decline, name="offer_decline"),
    path("financing/advances/<uuid:public_id>/cancel", advance_cancel, name="advance_cancel"),
    path("financing/payments/<uuid:public_id>/forward", forward_payment, name="forward_payment"),
    path("financing/advances/<uuid:public_id>/pay", pay_advance, name="pay_advance"),
    path("financing/pay/<str:currency>", pay_debt, name="pay_debt"),
    path("statement/", statement, name="statement"),
    path("statement/fees/", fees, name="statement_fees"),
    path("statement/fees.csv", fees_csv, name="statement_fees_csv"),
    path("statement/fees.pdf", fees_pdf, name="statement_fees_pdf"),
    path("statement/export/", statement_export, name="statement_export"),
    path("statement.csv", statement_csv, name="statement_csv"),
    path("statement.pdf", statement_pdf, name="statement_pdf"),
    path("settings/", settings_home, name="settings"),
    path("settings/company/", company, name="company"),
    path("settings/people/", people_list, name="people"),
    path("settings/people/invite", invite, name="invite"),
    path("settings/people/<int:pk>/role", member_role, name="member_role"),
    path("settings/people/<int:pk>/remove", member_remove, name="member_remove"),
    path("settings/invitations/<uuid:public_id>/send", invitation_resend, name="invitation_resend"),
    path("settings/invitations/<uuid:public_id>/cancel", invitation_cancel, name="invitation_cancel"),
    path("settings/two-people/", two_people, name="two_people"),
    path("settings/notifications/", notification_settings, name="notification_settings"),
    path("settings/data/", data, name="data"),
    path("settings/data/request", data_request, name="data_request"),
    path("settings/data/<uuid:public_id>.zip", data_file, name="data_file"),
    path("settings/leave/", leave, name="leave"),
    path("settings/leave/request", leave_request, name="leave_request"),
    path("settings/leave/withdraw", leave_withdraw, name="leave_withdraw"),
    path("settings/leave/payoff.pdf", payoff_pdf, name="payoff_pdf"),
    path("settings/leave/letter/", release_letter, name="release_letter"),
    path("settings/leave/letter.pdf", release_pdf, name="release_pdf"),
    path("messages/", message_list, name="messages"),
    path("messages/read", messages_read, name="messages_read"),
    path("messages/new/", message_new, name="message_new"),
    path("messages/<uuid:public_id>/", message_thread, name="message_thread"),
    path("messages/files/<uuid:public_id>/", message_file, name="message_file"),
    path("disputes/", dispute_list, name="disputes"),
    path("invoices/<uuid:public_id>/dispute/", dispute, name="dispute"),
    path("notifications/", notifications, name="notifications"),
    path("notifications/read", notifications_read, name="notifications_read"),
    path("notifications/<int:pk>/open", notification_open, name="notification_open"),
    path("unsubscribe/<str:token>/", unsubscribe, name="unsubscribe"),
    path("invitations/<str:token>/", invitation, name="invitation"),
    path("companies/", companies, name="companies"),
    path("companies/<uuid:public_id>/choose", choose_company, name="choose_company"),
    path("privacy", privacy, name="privacy"),
    path("terms", terms, name="terms"),
    path("design", design, name="design"),
]
