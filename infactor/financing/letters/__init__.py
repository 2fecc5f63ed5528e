"""What people get on paper, as PDF: statement, fees of a year, payoff and release of a supplier; notice of a buyer."""
