"""Notices of assignment: told to the buyer when an invoice is bought, acknowledged by it, and released."""
