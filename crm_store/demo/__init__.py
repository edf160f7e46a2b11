"""The demo shop: a catalogue of our own and three years of simulated sales whose structure is known.

`catalog/` holds what Fernhill Outdoor sells, `truth` who buys what, when, at which price and together with what,
`history` plays that out and `prospects` adds the leads. What a model learns here can be held against `truth`.
"""

from crm_store.demo.loading import StoreNotEmpty, load_demo, load_demo_catalogue

__all__ = ["StoreNotEmpty", "load_demo", "load_demo_catalogue"]
