"""Requests, offers and advances of a supplier."""
