"""Faults of QuickBooks Online: business faults of the service and gateway faults."""


class BusinessFault(Exception):
    """A fault of the accounting service: envelope `Fault`, HTTP 400 by default."""

    def __init__(
        self,
        *,
        code: str,
        message: str,
        detail: str = "",
        element: str = "",
        type: str = "ValidationFault",
        status: int = 400,
    ) -> None:
        super().__init__(f"{code} {message} {detail}")
        self.code = code
        self.message = message
        self.detail = detail
        self.element = element
        self.type = type
        self.status = status


class GatewayFault(Exception):
    """A fault of the API gateway: envelope `fault` with thirteen keys."""

    def __init__(self, *, status: int, code: str, name: str, detail: str | None, type: str) -> None:
        super().__init__(f"{status} {name}")
        self.status = status
        self.code = code
        self.message = f"message={name}; errorCode={code.zfill(6)}; statusCode={status}"
        self.detail = detail
        self.type = type


def unauthenticated(*, detail: str | None) -> GatewayFault:
    return GatewayFault(status=401, code="3200", name="AuthenticationFailed", detail=detail, type="AUTHENTICATION")


def forbidden(*, detail: str | None = None) -> GatewayFault:
    return GatewayFault(status=403, code="3100", name="ApplicationAuthorizationFailed", detail=detail, type="SERVICE")


def throttled() -> GatewayFault:
    # Two spaces after the full stop, as recorded.
    return GatewayFault(
        status=429,
        code="3001",
        name="ThrottleExceeded",
        detail="The request limit was reached.  Try again later",
        type="SERVICE",
    )


def object_not_found() -> BusinessFault:
    return BusinessFault(
        code="610",
        message="Object Not Found",
        detail="Object Not Found : Something you're trying to use has been made inactive."
        " Check the fields with accounts, customers, items, vendors or employees.",
    )


def invalid_id(value: str) -> BusinessFault:
    return BusinessFault(
        code="2030",
        message="Invalid ID",
        detail=f"Id should be a valid number. Supplied value:{value}",
        element="Id",
    )


def invalid_reference(*, element: str, value: str) -> BusinessFault:
    return BusinessFault(
        code="2500",
        message="Invalid Reference Id",
        detail=f"Invalid Reference Id : {element} element id {value} not found",
        element=element,
    )


def parameter_missing(name: str) -> BusinessFault:
    return BusinessFault(
        code="2020",
        message="Required param missing, need to supply the required value for the API",
        detail=f"Required parameter {name} is missing in the request",
        element=name,
    )


def invalid_value(*, element: str, detail: str) -> BusinessFault:
    return BusinessFault(code="2080", message="Invalid value", detail=detail, element=element)


def unknown_property(name: str) -> BusinessFault:
    return BusinessFault(
        code="2010",
        message="Request has invalid or unsupported property",
        detail=f'Property Name:Unrecognized field "{name}" specified is unsupported or invalid',
        element=name,
    )


def too_long(*, element: str, limit: int) -> BusinessFault:
    return BusinessFault(
        code="2050",
        message="String length is either shorter or longer than supported by specification",
        detail=f"String length specified does not match the supported length. Max allowed:{limit}",
        element=element,
    )


def stale_object(*, person: str) -> BusinessFault:
    return BusinessFault(
        code="5010",
        message="Stale Object Error",
        detail=f"Stale Object Error : You and {person} were working on this at the same time."
        f" {person} finished before you did, so your work was not saved.",
    )


def business_rule(detail: str) -> BusinessFault:
    return BusinessFault(
        code="6000",
        message="A business validation error has occurred while processing your request",
        detail=f"Business Validation Error: {detail}",
    )


def duplicate_number(*, number: str, txn_type: str, txn_id: str) -> BusinessFault:
    return BusinessFault(
        code="6140",
        message="Duplicate Document Number Error",
        detail="Duplicate Document Number Error : You must specify a different number. This number has already"
        f" been used. DocNumber={number} is assigned to TxnType={txn_type} with TxnId={txn_id}",
    )


def duplicate_name(name: str) -> BusinessFault:
    return BusinessFault(
        code="6240",
        message="Duplicate Name Exists Error",
        detail=f"The name supplied already exists. : {name}",
    )


def invalid_enumeration(*, element: str, value: str) -> BusinessFault:
    return BusinessFault(
        code="2170", message="Invalid Enumeration", detail=f"Invalid Enumeration : {value}", element=element
    )


def no_such_report() -> BusinessFault:
    """As recorded: a report that does not exist is answered like one that may not be read."""
    return BusinessFault(
        code="5020",
        message="Permission Denied Error",
        detail="Permission Denied Error : You do not have the access rights to use this feature.",
        element="ReportName",
    )


def unsupported_operation(path: str) -> BusinessFault:
    return BusinessFault(
        code="500",
        message="Unsupported Operation",
        detail=f"Operation Could not find resource for relative : {path} is not supported.",
    )


def unparsed_query(detail: str) -> BusinessFault:
    return BusinessFault(code="4000", message="Error parsing query", detail=f"QueryParserError: {detail}")


def invalid_query(detail: str) -> BusinessFault:
    return BusinessFault(code="4001", message="Invalid query", detail=f"QueryValidationError: {detail}")


def outage_as_400() -> BusinessFault:
    return BusinessFault(code="500", message="Unsupported Operation", detail="Operation null is not supported.")


def refused_object(*, status: int, code: str = "4002") -> BusinessFault:
    """The fault of an object that is not given out: an invalid email address, or an error that names no cause."""
    if code == "10000":
        return application_error(status=status)
    if code == "500":
        return BusinessFault(
            code="500", message="Unsupported Operation", detail="Operation null is not supported.", status=status
        )
    return invalid_email(status=status)


def invalid_email(*, status: int = 400) -> BusinessFault:
    return BusinessFault(
        code="4002",
        message="Invalid email address",
        detail="Email Address does not conform to the syntax rules of RFC 822.",
        status=status,
    )


def application_error(*, status: int = 500) -> BusinessFault:
    return BusinessFault(
        code="10000",
        message="An application error has occurred while processing your request",
        detail="System Failure Error: Could not process the request",
        type="SystemFault",
        status=status,
    )


def open_balance(kind: str) -> BusinessFault:
    """What has an open balance is to be made inactive."""
    return BusinessFault(
        code="6220",
        message="Delete List Has Balance Error",
        detail="The entity you are trying to delete has an open balance. :"
        f" This {kind} cannot be deleted because it has a non-zero balance",
    )


def unbilled_charges() -> BusinessFault:
    return BusinessFault(
        code="6280",
        message="Delete Customer Has Unbilled Expenses Error",
        detail="This customer can't be deleted because they have unbilled charges.",
    )


def tax_not_applicable() -> BusinessFault:
    """Tax on a form that says that it knows none."""
    return BusinessFault(
        code="6170",
        message="Invalid TxnTaxDetail Error",
        detail="TxnTaxDetail is not allowed when GlobalTaxCalculation is set to NotApplicable.",
        element="TxnTaxDetail",
    )


def made_inactive() -> BusinessFault:
    """A new reference to an object that is inactive."""
    return object_not_found()


def wrong_account_type(*, element: str, detail: str) -> BusinessFault:
    return BusinessFault(
        code="6430",
        message="Invalid account type",
        detail=f"Invalid account type: {detail}",
        element=element,
    )


def deposited() -> BusinessFault:
    return BusinessFault(
        code="6540",
        message="Deposited Transaction cannot be changed",
        detail="Deposited Transaction cannot be changed : This transaction has been deposited."
        " If you want to change or delete it, you must edit the deposit it appears on and remove it first.",
    )
