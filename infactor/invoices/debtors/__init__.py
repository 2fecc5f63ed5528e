"""Debtors: grouping buyers of several suppliers that are one company, and suggestions for it."""
