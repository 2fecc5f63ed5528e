"""Origination."""
