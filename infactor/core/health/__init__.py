"""Readiness, heartbeats of background processes, and Django system checks."""
