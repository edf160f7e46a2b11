"""Orders that were placed: found, changed, cancelled, returned."""
