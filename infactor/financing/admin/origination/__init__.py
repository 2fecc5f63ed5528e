"""Admin of financing requests, offers and eligibility."""
