"""Where customers talk to the shop: what every channel shares, and the web."""
