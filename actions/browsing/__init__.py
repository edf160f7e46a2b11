"""Finding out what is wanted, showing it, and answering questions about it."""
