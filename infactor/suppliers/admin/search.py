"""What the search of staff finds of suppliers."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from infactor.core.admin.formatting import day_text
from infactor.core.admin.search_kinds import SearchKind
from infactor.core.admin.search_words import SearchWords
from infactor.suppliers.models import Supplier


def _exact(words: SearchWords) -> Q:
    return Q(name__iexact=words.text) | (Q(public_id=words.public_id) if words.public_id else Q())


def _near(words: SearchWords) -> Q:
    of_person = Supplier.objects.filter(memberships__user__email__iexact=words.text)
    return Q(name__icontains=words.text) | Q(pk__in=of_person.values("pk"))


SUPPLIERS = SearchKind(
    model=Supplier,
    columns=(_("Supplier"), _("Time zone"), _("Since")),
    cells=lambda row: (row.name, row.time_zone, day_text(row.created_at)),
    exact=_exact,
    near=_near,
)
