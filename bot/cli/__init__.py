"""The commands of ./salesclerk, one module per group; `python -m bot.cli` runs them."""
