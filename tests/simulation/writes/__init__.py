"""The other direction of a simulation: what infactor writes into books that their owner edits at the same time."""
