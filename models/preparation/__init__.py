"""From the store's rows to the tables that the models learn from: read, cleaned, and turned into features."""
