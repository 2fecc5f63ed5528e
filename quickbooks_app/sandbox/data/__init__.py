"""The sample companies that the sandbox starts with."""
