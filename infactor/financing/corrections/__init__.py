"""Corrections of payments and advances: reversals with a reason, previewed, audited, approved by a second person."""
