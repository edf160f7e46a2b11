"""The store: tables, queries and the operations that keep them right."""
