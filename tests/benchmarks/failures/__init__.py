"""The failure drill: every part of a running infactor is away, silent and back, and everything is measured."""
