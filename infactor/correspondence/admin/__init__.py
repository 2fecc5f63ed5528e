"""Threads in admin."""

from infactor.correspondence.admin import threads as threads
