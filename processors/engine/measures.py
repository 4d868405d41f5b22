"""Counters and gauges of one stage, and what it waits for at this moment."""

from __future__ import annotations

import math
import time
from collections import Counter as Tally
from collections.abc import Callable
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from contracts.metric_names import Metric

_LATENCY_BUCKETS_SEC = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60, 300)
_LATENCY = "From the time of a message in Kafka, when it was written to its topic, to its end in this stage"
_COUNTERS = {
    Metric.MESSAGES_DONE: "Messages done",
    Metric.STATE_REFUSED: "State for after a restart that was refused",
    Metric.REPORTS_REFUSED: "Reports that were refused for good",
    Metric.MESSAGES_NOT_KEPT: "Messages that retention took before they were read",
}
_GAUGES = {
    Metric.IN_FLIGHT: "Messages in work",
    Metric.OLDEST_UNACKED_SECONDS: "Since the oldest message began that is not acknowledged",
    Metric.LAG: "Messages that stand in the partitions of the worker and are not acknowledged",
}


class Measures:
    """One a process; owns its registry so that several can live in one test."""

    behind_sec = 0.0
    """How long ago the message that was last done had been written to its topic, when it was done."""

    def __init__(self, stage: str, *, now_sec: Callable[[], float] = time.monotonic) -> None:
        self._now_sec = now_sec
        self._waited_until_sec = -math.inf
        self._waited_sec = self._waits_since_sec = 0.0
        """How long dependencies were waited for in all, and since when they are now."""
        self._waiting: Tally[str] = Tally()
        self._registry = CollectorRegistry()
        self._stage = stage
        self._counters = {name: self._counter_of_stage(name, text) for name, text in _COUNTERS.items()}
        self._set_aside = self._counter(
            Metric.MESSAGES_SET_ASIDE, "Messages written to a dead-letter topic", "stage", "error"
        )
        self._retries = self._counter(
            Metric.RETRIES, "Tries that found a dependency away", "stage", "dependency"
        )
        self._answers = self._counter(
            Metric.REGISTRY_ANSWERS, "Registry answers", "stage", "provider", "status"
        )
        self._latency = Histogram(
            Metric.CAPTURE_TO_DONE_SECONDS, _LATENCY, ("stage",),
            registry=self._registry, buckets=_LATENCY_BUCKETS_SEC,
        ).labels(stage)  # fmt: skip
        self._gauges = {
            name: Gauge(name, text, ("stage",), registry=self._registry).labels(stage)
            for name, text in _GAUGES.items()
        }
        self._waits = Gauge(
            Metric.WAITING,
            "Messages, and a start, that wait for a dependency that is away",
            ("stage", "dependency"),
            registry=self._registry,
        )
        self.done_count = 0
        self.set_aside_count = 0

    def done(self, since: datetime, count: int = 1) -> None:
        """Messages that are finished; `since` is Kafka's time of the oldest."""
        self.done_count += count
        self._counters[Metric.MESSAGES_DONE].inc(count)
        self.behind_sec = max(0.0, (datetime.now(UTC) - since).total_seconds())
        self._latency.observe(self.behind_sec)

    def set_aside(self, error: str) -> None:
        self.set_aside_count += 1
        self._set_aside.labels(self._stage, error).inc()

    def state_refused(self) -> None:
        """A restart will know less than it should."""
        self._counters[Metric.STATE_REFUSED].inc()

    def report_refused(self) -> None:
        """What it told is not known to anybody."""
        self._counters[Metric.REPORTS_REFUSED].inc()

    def not_kept(self, count: int) -> None:
        """Kafka had them no more when they were to be read."""
        self._counters[Metric.MESSAGES_NOT_KEPT].inc(count)

    def registry_answer(self, provider: str, status: str) -> None:
        self._answers.labels(self._stage, provider, status).inc()

    def missed(self, dependency: str) -> None:
        """A try found the dependency away."""
        self._retries.labels(self._stage, dependency).inc()

    def waits_for(self, dependency: str) -> None:
        """A message, or the start, begins to wait."""
        self._waits_for(dependency, 1)

    def waited_for(self, dependency: str) -> None:
        """A message, or the start, has ended its wait."""
        self._waited_until_sec = self._now_sec()
        self._waits_for(dependency, -1)

    @property
    def waiting_for(self) -> dict[str, int]:
        """Dependencies that are away, with the number of messages that wait for each."""
        return {name: count for name, count in self._waiting.items() if count > 0}

    @property
    def since_wait_sec(self) -> float:
        """How long ago a wait for a dependency ended last; infinite before the first."""
        return self._now_sec() - self._waited_until_sec

    def worked_sec(self) -> float:
        """A clock that stands still while a dependency is waited for."""
        return (self._waits_since_sec if self.waiting_for else self._now_sec()) - self._waited_sec

    def page(self, *, in_flight: int, oldest_sec: float, lag: int | None) -> bytes:
        """The Prometheus page; a lag that is not known yet is NaN there."""
        self._gauges[Metric.IN_FLIGHT].set(in_flight)
        self._gauges[Metric.LAG].set(math.nan if lag is None else lag)
        self._gauges[Metric.OLDEST_UNACKED_SECONDS].set(oldest_sec)
        return generate_latest(self._registry)

    def _waits_for(self, dependency: str, more: int) -> None:
        before = bool(self.waiting_for)
        self._waiting[dependency] += more
        if bool(self.waiting_for) and not before:
            self._waits_since_sec = self._now_sec()
        elif before and not self.waiting_for:
            self._waited_sec += self._now_sec() - self._waits_since_sec
        self._waits.labels(self._stage, dependency).set(self._waiting[dependency])

    def _counter_of_stage(self, name: Metric, text: str) -> Counter:
        return self._counter(name, text, "stage").labels(self._stage)

    def _counter(self, name: Metric, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self._registry)
