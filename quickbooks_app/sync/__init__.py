"""Synchronisation: import runs, change data capture, reconciliation, deletions and the applying of pages."""
