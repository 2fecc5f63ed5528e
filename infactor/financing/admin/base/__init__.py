"""What the financing pages of staff share: forms, tables, filters and bases of decisions."""
