"""Deterministic simulation: one seed makes books, people who edit them, workers, and everything that goes wrong."""
