"""What `benchmarks/chaos.py` is made of: traffic, a Telegram that misbehaves, kills, and the count afterwards."""
