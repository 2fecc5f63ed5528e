"""The books of a sandbox company and the rules by which QuickBooks writes to them."""
