"""Business faults that can be switched on: what section Errors of Intuit's reference lists, by the switch's name."""

from collections.abc import Callable, Iterable

from quickbooks_app.sandbox.runtime.errors import (
    BusinessFault,
    GatewayFault,
    application_error,
    business_rule,
    duplicate_name,
    duplicate_number,
    invalid_enumeration,
    invalid_id,
    invalid_query,
    invalid_reference,
    invalid_value,
    object_not_found,
    outage_as_400,
    parameter_missing,
    stale_object,
    too_long,
    unknown_property,
    unparsed_query,
)

OTHER_USER = "Rosa Delgado"

# Those that say nothing of one object end a whole call; the others end an item of a batch.
_FAULTS: dict[str, Callable[[], BusinessFault | GatewayFault]] = {
    "server_error": application_error,
    "outage_as_400": outage_as_400,
    "system_fault_as_400": lambda: application_error(status=400),
    "wrong_cluster": lambda: GatewayFault(
        status=401,
        code="130",
        name="WrongClusterError",
        detail="-11017-Accessing Wrong Cluster",
        type="AUTHENTICATION",
    ),
    "no_access": lambda: BusinessFault(
        code="120",
        message="Authorization Failure",
        detail="Authorization Failure: -11014-You do not have access to use QuickBooks Online Plus.",
        type="AuthorizationFault",
        status=403,
    ),
    "subscription_ended": lambda: BusinessFault(
        code="6190",
        message="Invalid Company Status",
        detail="Invalid Company Status : The subscription period has ended or been canceled.",
    ),
    "stale_object": lambda: stale_object(person=OTHER_USER),
    "duplicate_number": lambda: duplicate_number(number="1001", txn_type="Invoice", txn_id="1"),
    "duplicate_name": lambda: duplicate_name("Another Name Id=1"),
    "business_rule": lambda: business_rule("We're sorry, this transaction cannot be saved now."),
    "not_found": object_not_found,
    "invalid_reference": lambda: invalid_reference(element="Ref", value="0"),
    "fault_as_200": lambda: application_error(status=200),
    "authorization_failed": lambda: BusinessFault(
        code="100", message="Authorization Failure", type="AuthorizationFault", status=401
    ),
    "general_validation": lambda: BusinessFault(code="600", message="General validation error"),
    "invalid_id": lambda: invalid_id("1.5"),
    "too_long": lambda: too_long(element="DocNumber", limit=21),
    "invalid_value": lambda: invalid_value(element="Amount", detail="Invalid Number : a lot"),
    "invalid_enumeration": lambda: invalid_enumeration(element="TxnType", value="Barter"),
    "unparsed_query": lambda: unparsed_query('Encountered " <IDENTIFIER> "TxnDate "" at line 1, column 29.'),
    "invalid_query": lambda: invalid_query("property 'AcctNum' is not queryable"),
    "amounts": lambda: BusinessFault(
        code="6070", message="Business Validation Error", detail="The amounts of the transaction do not agree."
    ),
    "missing_parameter": lambda: parameter_missing("Line"),
    "unknown_property": lambda: unknown_property("Unknown"),
    "period_closed": lambda: BusinessFault(
        code="6210",
        message="Account Period Closed, Cannot Update Through Services API",
        detail="The account period has closed and the account books cannot be updated through the QBO Services API.",
    ),
    "deposited": lambda: BusinessFault(
        code="6540",
        message="Deposited Transaction cannot be changed",
        detail="Deposited Transaction cannot be changed : This transaction has been deposited.",
    ),
}


def business_fault_of(kinds: Iterable[str]) -> BusinessFault | GatewayFault | None:
    """Return the first fault among the switches that are on, or None."""
    return next((make() for kind, make in _FAULTS.items() if kind in kinds), None)
