"""Being forgotten: what is held of a customer, taken out of every table, every file and every free page of the home."""
