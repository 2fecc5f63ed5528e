"""The refusal that every service of banking raises."""


class BankingError(Exception):
    """This cannot be done with a bank account or a statement. The message says why. Nothing was written."""
