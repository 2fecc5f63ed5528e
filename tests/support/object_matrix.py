"""`make object-table`: which QuickBooks object can do what, with the test of each cell, as docs/domain has it.

The columns are those of the matrix that other connectors publish. An object that goes by another name there stands
under QuickBooks' name. Beside the cells of that matrix the table has those that today's API has on top of it.
"""

import sys
from collections.abc import Mapping

from quickbooks_app.objects import availability
from quickbooks_app.objects.editions import CompanyProfile
from quickbooks_app.objects.table import OBJECTS, Operation

COLUMNS: Mapping[str, tuple[Operation, ...]] = {
    "Create": (Operation.CREATE,),
    "Get": (Operation.READ,),
    "Delete": (Operation.DELETE, Operation.INACTIVATE),
    "Update": (Operation.UPDATE,),
    "Query": (Operation.QUERY,),
    "Void": (Operation.VOID,),
    "Send, PDF": (Operation.SEND,),
    "Report": (Operation.REPORT,),
}
WHOLE_LIFE, READ_ONLY = "test_every_object_does_all_that_the_table_says", "test_what_can_only_be_read_is_queried"
REFUSED = "test_what_is_not_there_is_refused_before_any_call"
# Objects that are tested apart from the others.
APART: Mapping[str, str] = {
    "CompanyInfo": "test_the_company_is_changed_field_by_field",
    "CustomerType": READ_ONLY,
    "Entitlements": "test_entitlements_come_as_xml",
    "ExchangeRate": "test_a_rate_of_exchange_is_set_and_queried",
    "JournalCode": "test_a_journal_code_is_kept_in_a_french_company",
    "Preferences": "test_settings_are_changed_field_by_field",
    "RecurringTransaction": "test_a_recurring_transaction_keeps_its_id_inside",
    "ReimburseCharge": READ_ONLY,
    "TaxClassification": "test_a_tax_classification_is_read_and_not_queried",
    "TaxCode": READ_ONLY,
    "TaxRate": READ_ONLY,
    "TaxPayment": "test_a_tax_payment_is_read_where_taxes_are_filed",
    "TaxService": "test_a_tax_code_is_made_through_the_tax_service",
    "TrialBalance": "test_a_report_is_read_by_its_name",
}
# Cells of the older matrix that today's API does not have.
OLD_CELLS: Mapping[tuple[str, str], str] = {
    ("Company", "Get"): "CompanyInfo is the object",
    ("Company", "Update"): "CompanyInfo is the object",
    ("Company", "Query"): "CompanyInfo is the object",
    ("TaxCode", "Create"): "made through TaxService",
    ("TaxRate", "Create"): "made through TaxService",
    ("TaxReturn", "Get"): "no longer in Intuit's reference",
    ("TaxReturn", "Update"): "no longer in Intuit's reference",
    ("TaxReturn", "Query"): "no longer in Intuit's reference",
}


def test_of(entity: str) -> str:
    """The test that uses the object against the sandbox, with every operation that the table gives it."""
    return APART.get(entity, WHOLE_LIFE)


def cell(entity: str, column: str) -> str:
    """“yes”, how else it is done, or nothing."""
    for operation in COLUMNS[column]:
        if not availability.why_not(entity=entity, operation=operation, company=CompanyProfile()):
            if operation == Operation.REPORT and entity != "TrialBalance":
                break
            return "made inactive" if operation == Operation.INACTIVATE else "yes"
    return OLD_CELLS.get((entity, column), "")


def as_markdown() -> str:
    """The page."""
    lines = [
        "# QuickBooks' objects",
        "",
        "<!-- Written by `make object-table`. -->",
        "",
        "What `QuickBooksClient` does with each object of today's API. The test beside a row does what the row says",
        "against the sandbox; what a row does not have is refused before any call",
        f"(`{REFUSED}`). JournalCode exists in French companies only, TaxPayment in",
        "Australian, British and Canadian ones.",
        "",
        "| object | " + " | ".join(name.lower() for name in COLUMNS) + " | test |",
        "| --- |" + " --- |" * (len(COLUMNS) + 1),
    ]
    for entity in OBJECTS:
        cells = [cell(entity, column) for column in COLUMNS]
        has_test = any(one in ("yes", "made inactive") for one in cells)
        lines.append(f"| {entity} | {' | '.join(cells)} | {f'`{test_of(entity)}`' if has_test else ''} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(as_markdown())
