"""What a registry can answer, whatever its dialect: one outcome, and a record when it was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from contracts.messages.enriched import VehicleRecord
from contracts.messages.personal import PersonalData


class Outcome(StrEnum):
    FOUND = "found"
    NOT_FOUND = "not-found"
    # The registry says that this is no registration number.
    INVALID_INPUT = "invalid-input"
    RATE_LIMITED = "rate-limited"
    # Our credit or day's share is used up.
    QUOTA = "quota"
    # Our key or address is refused.
    MISCONFIGURED = "misconfigured"
    UPSTREAM_DOWN = "upstream-down"
    TIMEOUT = "timeout"
    # An answer that says nothing certain about this vehicle.
    MALFORMED = "malformed"


SETTLED = frozenset((Outcome.FOUND, Outcome.NOT_FOUND, Outcome.INVALID_INPUT))
"""Answers about the vehicle: asking again gives the same."""
WORTH_REPEATING = frozenset((Outcome.RATE_LIMITED, Outcome.UPSTREAM_DOWN, Outcome.TIMEOUT, Outcome.MALFORMED))
"""May be better in a moment. `QUOTA` and `MISCONFIGURED` wait for a person."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`reason` is for people and logs and holds no personal data."""

    outcome: Outcome
    simulated: bool = False
    reason: str | None = None
    retry_after_sec: float | None = None
    vehicle: VehicleRecord | None = None
    personal: PersonalData | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An HTTP reply, as far as the dialects look at it. Header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Request:
    """An HTTP request. The key stands in a header or a form field, never in the address."""

    path: str
    headers: dict[str, str] = field(repr=False)
    json: dict[str, object] | None = None
    form: dict[str, str] | None = field(default=None, repr=False)


class Dialect(Protocol):
    """How one provider is asked and understood. Pure."""

    @property
    def provider(self) -> str: ...

    def request(self, registration: str, *, key: str) -> Request: ...

    def understand(self, reply: Reply, *, registration: str) -> Answer: ...


class Registry(Protocol):
    """Asks a registry once. Never raises for what a registry may do: that is an `Outcome`."""

    @property
    def provider(self) -> str: ...

    async def ask(self, registration: str) -> Answer: ...
