"""What Intuit's review asks of an app before it gets production keys, and whether this installation meets it."""
