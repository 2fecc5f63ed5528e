"""Users, the roles of staff, and the audit of sign-ins."""
