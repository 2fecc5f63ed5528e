"""Webhook payloads and their delivery."""
