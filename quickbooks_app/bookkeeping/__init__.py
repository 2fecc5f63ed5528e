"""Bookkeeping: each event of financing is written once into the supplier's books, and compared with them daily."""
