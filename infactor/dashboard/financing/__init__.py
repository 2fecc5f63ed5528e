"""Financing."""
