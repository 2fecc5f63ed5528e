"""Admin of collections, payouts and supplier balances."""
