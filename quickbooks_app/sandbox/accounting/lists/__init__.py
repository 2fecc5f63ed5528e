"""Lists that forms refer to."""
