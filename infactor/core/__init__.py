"""What every app builds on: money, state transitions, audit log, encrypted fields, e-mail outbox, health checks."""
