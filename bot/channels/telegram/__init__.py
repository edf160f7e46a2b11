"""Telegram: updates into the inbox, replies from the outbox, with python-telegram-bot in between."""
