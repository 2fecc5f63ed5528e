"""Django settings, one module for each subject; local, test and production combine them."""
