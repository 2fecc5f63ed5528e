"""Hypothesis without a clock and without a folder: a slow machine is no failure."""

from hypothesis import settings

settings.register_profile("house", deadline=None, database=None)
settings.load_profile("house")
