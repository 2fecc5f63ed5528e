"""Reports of sales and expenses by customer, item, class, department or vendor, and lists with values."""
