"""What a supplier gets on paper, as PDF: statement, fees of a year, payoff letter, release letter. Reads only."""
