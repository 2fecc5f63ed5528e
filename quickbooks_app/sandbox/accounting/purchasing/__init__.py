"""Bills, vendor credits, purchases, orders and payments to vendors."""
