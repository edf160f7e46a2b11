"""Being forgotten: a customer taken out of every table, file and free page that the assistant writes."""
