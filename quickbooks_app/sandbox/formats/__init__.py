"""Formats that clients send and ask for beside JSON: XML bodies and PDF."""
