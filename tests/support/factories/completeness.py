"""Factories of completeness checks and their lines."""

from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from quickbooks_app.models import CompletenessCheck, CompletenessLine
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.payloads import NOON


class CheckFactory(DjangoModelFactory):
    """A check that found everything equal."""

    class Meta:
        model = CompletenessCheck

    connection = factory.SubFactory(ConnectionFactory)
    trigger = "daily"
    state = "complete"
    requested_at = NOON
    reported_at = factory.SelfAttribute("requested_at")
    finished_at = factory.SelfAttribute("requested_at")
    currency = "USD"
    account_total = report_total = our_total = Decimal("160.00")
    entries_total = refused_total = unexplained = Decimal(0)
    documents = 3


class LineFactory(DjangoModelFactory):
    """Invoice 1001: 60.00 in QuickBooks, 100.00 here."""

    class Meta:
        model = CompletenessLine

    completeness_check = factory.SubFactory(CheckFactory, state="different", differences=1)
    kind = "amount"
    outcome = "open"
    entity = "Invoice"
    qbk_id = "7"
    number = "1001"
    customer_reference = "1"
    customer_name = "Blue Harbor Café"
    currency = "USD"
    theirs = Decimal("60.00")
    ours = Decimal("100.00")
