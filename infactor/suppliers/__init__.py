"""Suppliers: their users, applications, agreements and bank accounts."""
