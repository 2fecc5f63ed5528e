"""Contra: what a supplier owes its own buyers, who may set it off."""
