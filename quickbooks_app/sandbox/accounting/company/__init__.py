"""Settings, currencies, taxes and templates of the company."""
