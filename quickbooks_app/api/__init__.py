"""QuickBooks API: client, sessions, rate limiter, circuit breaker, pagination and parsing of responses."""
