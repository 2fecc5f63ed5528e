"""Eligibility: whether an invoice can be financed, with how much, and why.

Start with `catalogue` (what each rule is called and says), `rules` (how each is computed) and `evaluation` (all rules
for all invoices). `recalculation` keeps the stored results up to date, `reassessment` evaluates again before somebody
acts on them.
"""
