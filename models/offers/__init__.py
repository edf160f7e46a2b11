"""The next best offer: what a customer is likely to buy next, worth what, and why."""
