"""Staff's pages of the desk."""

from infactor.desk.admin import collecting_rows, notes, tasks

__all__ = ["collecting_rows", "notes", "tasks"]
