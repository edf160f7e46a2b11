"""Promises that survive a restart: what falls due is said, handed to a person, put off or dropped, once."""
