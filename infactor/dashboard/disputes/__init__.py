"""The supplier's side of disputes."""
