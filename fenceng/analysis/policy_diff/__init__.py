"""What lies between two policies, and whom each change touches."""
