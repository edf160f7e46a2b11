"""Promises of a time: booked, asked about, moved, taken back."""
