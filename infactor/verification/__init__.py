"""The buyer's answer: a signed link by mail, a page without an account, and what was said."""
