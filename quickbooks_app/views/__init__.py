"""Views: the supplier's pages, the OAuth flow, the URLs that Intuit calls, and the webhook."""
