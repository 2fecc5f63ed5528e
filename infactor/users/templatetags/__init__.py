"""Template filters of users."""
