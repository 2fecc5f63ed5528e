"""Origination: requests, suggestions, offers and their acceptance."""
