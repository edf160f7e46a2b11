"""Reads from a message what the customer wants: the needs and mentions."""
