"""`make bench-import`: compare infactor's importer with common alternatives, on one stub server and one PostgreSQL."""
