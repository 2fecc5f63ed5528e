"""The list of buyers, and the page of one buyer."""
