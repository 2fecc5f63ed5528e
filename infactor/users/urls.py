"""URLs of accounts: those of allauth that infactor uses, and one's own sessions."""

from allauth.account.urls import urlpatterns as account_urls
from django.urls import URLPattern, include, path

from infactor.users.languages import choose_language
from infactor.users.views import change_name, end_session, sign_out_everywhere

# allauth routes these although their features are off.
UNUSED = {"account_confirm_login_code"}

urlpatterns: list[URLPattern | object] = [
    *(one for one in account_urls if one.name not in UNUSED),
    path("language/", choose_language, name="account_language"),
    path("name/", change_name, name="account_name"),
    path("2fa/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
    path("sessions/<int:session_id>/end", end_session, name="usersessions_end"),
    path("sessions/end-all", sign_out_everywhere, name="usersessions_end_all"),
]
