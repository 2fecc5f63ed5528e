"""What every part of the sandbox runs on: clock, store, faults, errors and wire format."""
