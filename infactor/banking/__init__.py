"""infactor's own bank accounts: their statements, what each line is, and whether the books agree with the bank."""
