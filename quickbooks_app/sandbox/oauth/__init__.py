"""Intuit's OAuth 2.0 and OpenID Connect endpoints, with the consent page."""
