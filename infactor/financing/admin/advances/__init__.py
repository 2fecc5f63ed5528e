"""Admin of advances: funding, closing and cases."""
