"""The page of one invoice for its buyer: answer about it, read the notice of assignment, and acknowledge it."""
