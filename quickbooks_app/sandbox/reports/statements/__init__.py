"""Reports by account: what a company owns, owes, earns and spends."""
