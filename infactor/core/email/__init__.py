"""The transactional email outbox, and the backend for local mode."""
