"""What Prometheus may know: requests, turns and open streams; never what was said."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

TURN_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Measures:
    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "salesclerk_requests", "HTTP requests", ["method", "route", "status"], registry=self._registry
        )
        self.turns = Counter("salesclerk_turns", "Turns by what was understood", ["intent"], registry=self._registry)
        self.unanswered = Counter(
            "salesclerk_turns_unanswered", "Turns that were not handled in time", registry=self._registry
        )
        self.turn_seconds = Histogram(
            "salesclerk_turn_seconds",
            "From a message's arrival to its replies",
            buckets=TURN_BUCKETS,
            registry=self._registry,
        )
        self.streams = Gauge("salesclerk_event_streams", "Open event streams", registry=self._registry)

    def exposition(self) -> bytes:
        return generate_latest(self._registry)
