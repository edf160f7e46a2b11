"""Rasa SDK custom actions, one module per sales topic: they translate between a chat and the store."""
