"""Pushes: previewed writes into a supplier's books, made once by a worker, with their result in plain words."""
