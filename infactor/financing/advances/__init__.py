"""Advances: funding, collection, the ways to close one, and cases about it."""
