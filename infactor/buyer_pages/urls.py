"""URLs of the page of a buyer."""

from django.urls import URLPattern, path

from infactor.buyer_pages.document_view import document
from infactor.buyer_pages.notice_view import notice
from infactor.buyer_pages.views import page

app_name = "buyer"

urlpatterns: list[URLPattern] = [
    path("<str:token>/", page, name="page"),
    path("<str:token>/notice.pdf", notice, name="notice"),
    path("<str:token>/documents/<uuid:public_id>/", document, name="document"),
]
