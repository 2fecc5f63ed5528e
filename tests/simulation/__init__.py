"""Deterministic simulation of sync: one seed determines the books, the edits, the workers and every fault."""
