"""The arithmetic of the eligibility rules. Pure: values in, results out, no query."""
