"""The supplier's front door."""
