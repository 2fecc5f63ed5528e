"""Monitoring: health of connections, overview of all connections, timeline of runs and remedies for errors."""
