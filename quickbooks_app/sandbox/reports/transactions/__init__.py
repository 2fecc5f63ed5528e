"""Reports that list transactions and their lines."""
