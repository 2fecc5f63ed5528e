"""What every app builds on: money, state transitions, audit log, encrypted fields, email outbox, health checks."""
