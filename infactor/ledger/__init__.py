"""Books: accounts, transactions and entries that balance, written by one function and never changed."""
