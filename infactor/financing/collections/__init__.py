"""Collections: payments from buyers, by hand or from a file, their allocation and their return."""
