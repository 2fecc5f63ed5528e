"""App configuration: subscribes to buyers' answers and adds the reconciliation to the ledger's integrity check."""

from django.apps import AppConfig


class FinancingConfig(AppConfig):
    name = "infactor.financing"
    verbose_name = "Financing"

    def ready(self) -> None:
        from django.contrib import admin

        from infactor.banking import cash, closing, debits
        from infactor.banking import subscribers as statement_subscribers
        from infactor.core.admin import panels
        from infactor.core.health import metrics
        from infactor.documents import subjects
        from infactor.documents.models import Kind
        from infactor.financing import metrics as financing_metrics
        from infactor.financing import scheduled_transitions, tasks, terms_in_force
        from infactor.financing.accounting import open_business, reconciliation, transit
        from infactor.financing.admin.advances import letters
        from infactor.financing.admin.base import background
        from infactor.financing.admin.payments import micro_deposits
        from infactor.financing.corrections import payee_accounts
        from infactor.financing.eligibility import recalculation
        from infactor.financing.money_out import bank_lines
        from infactor.financing.origination import requests
        from infactor.invoices.by_hand import holds
        from infactor.ledger import integrity
        from infactor.suppliers import duties
        from infactor.suppliers import subscribers as supplier_subscribers
        from infactor.verification import subscribers

        holds.register(requests.why_frozen)
        subscribers.register(scheduled_transitions.on_verification_changed)
        subscribers.register(tasks.on_verification_changed)
        statement_subscribers.register(tasks.on_statement_imported)
        debits.register(bank_lines.explain)
        cash.register_in_transit(transit.of_account)
        closing.register_open_in(open_business.in_currency)
        supplier_subscribers.register(recalculation.on_supplier_changed)
        duties.register(terms_in_force.set_by_whom_confirms)
        subjects.register(
            "financing.Advance",
            kinds=[Kind.AGREEMENT, Kind.NOTICE, Kind.DELIVERY, Kind.OTHER],
            supplier="supplier_id",
            buyers=["buyer", "buyer__parent"],
        )
        subjects.register(
            "financing.Collection",
            kinds=[Kind.REMITTANCE, Kind.OTHER],
            buyers=["allocations__advance__buyer", "allocations__advance__buyer__parent"],
        )
        subjects.register("financing.PayeeAccount", kinds=[Kind.BANK_LETTER, Kind.OTHER])
        subjects.hold(payee_accounts.why_kept)
        # A payment and the line by which it came are one payment: a paper about either is seen on both.
        subjects.show_also("financing.Collection", row_of=lambda payment: payment.statement_line)
        subjects.show_also("banking.StatementLine", row_of=lambda line: getattr(line, "collection", None))
        panels.register_background(background.of_row)
        panels.register(letters.panel_of)
        panels.register(micro_deposits.panel_of)
        admin.site.add_pages(letters.urlpatterns)  # type: ignore[attr-defined]
        integrity.register(name="advances", check=reconciliation.find_discrepancies)
        metrics.register(name="financing", collect=financing_metrics.collect)
