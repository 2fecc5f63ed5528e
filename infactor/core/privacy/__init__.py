"""Personal data: what each table holds and why, and its export, erasure and retention by that declaration."""
