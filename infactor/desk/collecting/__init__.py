"""Collecting from buyers: who owes what since when, contacts, promises to pay, and letters."""
