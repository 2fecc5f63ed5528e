"""The transactional e-mail outbox, and the backend for local mode."""
