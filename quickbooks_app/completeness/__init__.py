"""Complete to the cent: QuickBooks' own receivables reports, compared with what infactor has stored."""
