"""Admin of terms, limits, overrides and approvals."""
