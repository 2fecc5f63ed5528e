"""The demo company's books in the QuickBooks company of this machine: written there, connected, and read."""
