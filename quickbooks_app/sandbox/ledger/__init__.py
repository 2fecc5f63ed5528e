"""Double-entry postings derived from a company's documents: pure functions, computed when they are asked for."""
