"""Settings, by subject; local, test and production choose among them."""
