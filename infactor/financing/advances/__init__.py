"""Advances."""
