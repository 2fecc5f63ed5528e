"""Pricing of advances, the price disclosure of offers, and the cheapest set of invoices for an amount."""
