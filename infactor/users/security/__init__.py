"""How people sign in: known devices, limits on attempts, sessions, passwords, and changes of all of these."""
