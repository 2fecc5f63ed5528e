"""The page where a supplier makes a buyer."""

import uuid
from collections.abc import Iterator, Sequence

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.rate_limits import limited
from infactor.core.translatable import Text
from infactor.suppliers.access import for_supplier
from infactor.suppliers.models import Supplier
from quickbooks_app.making.checks import check_buyer
from quickbooks_app.making.drafts import Fields
from quickbooks_app.views.making.forms import BuyerForm
from quickbooks_app.views.making.pages import MakingPage, open_company

TITLE = gettext_lazy("New buyer")
LABELS = (
    ("name", gettext_lazy("Name")),
    ("company", gettext_lazy("Company")),
    ("email", gettext_lazy("Email")),
    ("phone", gettext_lazy("Phone")),
    ("currency", gettext_lazy("Currency")),
)


class BuyerPage(MakingPage):
    """A new customer in QuickBooks."""

    entity = "Customer"
    title = TITLE
    lead = gettext_lazy("The buyer becomes a customer in your QuickBooks, and is here at once.")
    form: BuyerForm

    def bind(self, data: QueryDict | None, *, initial: QueryDict | None = None) -> None:
        home = self.connection.company_file.home_currency
        first = initial.dict() if initial else {"currency": home}
        self.form = BuyerForm(data, initial=first, choices=self.choices, home_currency=home)

    def fields(self) -> Fields:
        return self.form.draft().fields()

    def check(self) -> Iterator[tuple[str, str]]:
        return check_buyer(self.form.draft(), connection=self.connection)

    def facts(self) -> Sequence[tuple[Text, str]]:
        draft = self.form.draft()
        address = (draft.street, draft.city, draft.region, draft.postal_code, draft.country)
        found: list[tuple[Text, str]] = [(label, getattr(draft, name)) for name, label in LABELS]
        found.insert(2, (_("Contact"), f"{draft.given_name} {draft.family_name}".strip()))
        found.append((_("Address"), ", ".join(part for part in address if part)))
        return [(label, value) for label, value in found if value]


@limited(action="write_books", what="have written", when=lambda request: request.method == "POST")
@for_supplier
def make_buyer(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """Enter a buyer, look at what QuickBooks gets, and confirm."""
    opened = open_company(request, supplier, public_id, title=TITLE)
    if isinstance(opened, HttpResponse):
        return opened
    return BuyerPage(request, supplier, *opened).respond()
