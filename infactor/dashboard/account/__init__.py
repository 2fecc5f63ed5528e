"""The supplier's account: application, bank accounts, company switch."""
