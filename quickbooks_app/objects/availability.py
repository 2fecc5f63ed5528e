"""Whether an operation exists for an object in a company. What does not is refused with a sentence before any call."""

from quickbooks_app.objects.editions import CompanyProfile
from quickbooks_app.objects.reports import REPORTS
from quickbooks_app.objects.table import OBJECTS, Operation

_VERBS = {
    Operation.CREATE: "be created",
    Operation.READ: "be read one by one",
    Operation.UPDATE: "be changed",
    Operation.DELETE: "be deleted",
    Operation.INACTIVATE: "be made inactive",
    Operation.VOID: "be voided",
    Operation.SEND: "be sent",
    Operation.PDF: "be had as PDF",
    Operation.QUERY: "be queried",
    Operation.COUNT: "be counted",
    Operation.CHANGES: "be asked for its changes",
}
_INSTEAD = {
    Operation.DELETE: (Operation.INACTIVATE, "it can be made inactive"),
    Operation.INACTIVATE: (Operation.DELETE, "it can be deleted"),
    Operation.VOID: (Operation.DELETE, "it can be deleted"),
}


def why_not(*, entity: str, operation: Operation, company: CompanyProfile) -> str:
    """Why `company` cannot do this, as a sentence; "" if it can, or if that is not known."""
    if operation == Operation.REPORT:
        return _why_no_report(entity, company)
    found = OBJECTS.get(entity)
    if found is None:
        return f"QuickBooks has no object {entity}."
    if found.note:
        return found.note
    if not found.can(operation):
        other, instead = _INSTEAD.get(operation, (None, ""))
        hint = f": {instead}" if other is not None and found.can(other) else ""
        article = "An" if entity[0] in "AEIO" else "A"
        return f"{article} {entity} cannot {_VERBS.get(operation, f'take {operation}')} in QuickBooks{hint}."
    if reason := company.lacks(level=found.level, countries=found.countries):
        return f"This company has no {entity}: {reason}."
    return ""


def _why_no_report(name: str, company: CompanyProfile) -> str:
    if name not in REPORTS:
        return f"QuickBooks has no report {name}."
    level, countries = REPORTS[name]
    reason = company.lacks(level=level, countries=countries)
    return f"This company has no report {name}: {reason}." if reason else ""
