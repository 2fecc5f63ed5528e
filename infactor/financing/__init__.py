"""The product: from an eligible invoice to a settled advance."""
