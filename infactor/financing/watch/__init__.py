"""The watch over funded invoices: what the books say now, against what was bought and what infactor received.

`evidence` reads what is known, `differences` and `matching` compare it, purely, and `case_rows` keeps a case of it.
"""
