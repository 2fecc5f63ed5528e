"""Writes into a supplier's books: repeatable, merged with what others changed meanwhile, and kept in the raw store."""
