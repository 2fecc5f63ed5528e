"""Reads the pages of buyers in tests."""

import re
from typing import Any

from django.test import Client

from infactor.invoices.models import Buyer, Debtor


def page(client: Client, address: str) -> str:
    answered = client.get(address, follow=True)
    assert answered.status_code == 200
    return " ".join(answered.content.decode().split())


def text_of(shown: str) -> str:
    return re.sub(r"<[^>]+>", "", shown)


def address_of(buyer: Buyer) -> str:
    return f"/buyers/{buyer.public_id}/"


def joined(*buyers: Buyer, by: Any) -> Debtor:
    debtor = Debtor.objects.create(name="Only staff call it so", created_by=by)
    Buyer.objects.filter(pk__in=[one.pk for one in buyers]).update(debtor=debtor)
    return debtor
