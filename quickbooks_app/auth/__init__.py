"""OAuth 2.0 at Intuit: app credentials, the OAuth client and the tokens of a connection."""
