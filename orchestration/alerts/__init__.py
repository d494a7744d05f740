"""Tells people what was published, or was not: conditions, messages, sending, and the record of what was sent."""
