"""Staff's work queues on the admin home page."""
