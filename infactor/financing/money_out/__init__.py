"""Money out: a payout is approved, put into a file for the bank, and confirmed or returned by the bank's statement."""
