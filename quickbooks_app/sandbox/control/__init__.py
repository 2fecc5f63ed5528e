"""The sandbox's control pages: edit its books and switch faults on."""
