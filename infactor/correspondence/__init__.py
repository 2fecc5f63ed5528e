"""Messages between suppliers and staff, and the suppliers' side of disputes."""
