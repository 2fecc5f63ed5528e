"""The refusal that every service of banking raises."""


class BankingError(Exception):
    """This cannot be done with a bank account or a statement. The message says why. Nothing was written."""


class CannotWrite(BankingError):
    """A payment file cannot be written. The message says why, to staff, and holds no account number."""
