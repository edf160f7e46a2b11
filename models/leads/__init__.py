"""Who will buy: a calibrated chance for every row of a table or lead of the store, with the factors behind it."""
