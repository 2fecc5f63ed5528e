"""QuickBooks documents as stored: compressed, with every superseded version kept."""
