"""The differences between two policies, and the customers that each change touches."""
