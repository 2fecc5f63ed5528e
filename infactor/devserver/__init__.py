"""`make run`: starts an embedded PostgreSQL, prepares the database, and supervises every process until Ctrl-C."""
