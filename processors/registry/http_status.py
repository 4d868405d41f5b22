"""What is left to know when an answer's own codes say nothing: its HTTP status and headers."""

from __future__ import annotations

import re

from processors.registry.answers import Answer, Outcome, Reply

# Nothing here settles a question: a proxy says 400 and 422 too, and it knows no vehicles.
_OUTCOME_OF_STATUS = {
    401: Outcome.MISCONFIGURED,
    402: Outcome.QUOTA,
    403: Outcome.MISCONFIGURED,
    404: Outcome.MISCONFIGURED,
    405: Outcome.MISCONFIGURED,
    408: Outcome.TIMEOUT,
    429: Outcome.RATE_LIMITED,
    504: Outcome.TIMEOUT,
}
SIMULATOR_HEADER = "x-rto-source"
_LONGEST_WAIT_SEC = 3600.0


def by_status(reply: Reply, *, simulated: bool) -> Answer:
    """The answer of a reply whose body could not be used."""
    outcome = _OUTCOME_OF_STATUS.get(reply.status)
    if outcome is None:
        outcome = Outcome.UPSTREAM_DOWN if reply.status >= 500 else Outcome.MALFORMED
    reason = f"HTTP {reply.status}" if reply.status != 200 else "HTTP 200, body not understood"
    return Answer(outcome=outcome, simulated=simulated, reason=reason, retry_after_sec=retry_after_sec(reply))


def retry_after_sec(reply: Reply) -> float | None:
    """Seconds of a Retry-After header. The form with a date is not used by these providers."""
    written = reply.headers.get("retry-after", "").strip()
    return min(float(written), _LONGEST_WAIT_SEC) if re.fullmatch(r"\d{1,9}(\.\d{1,3})?", written) else None


def is_simulator(reply: Reply) -> bool:
    return reply.headers.get(SIMULATOR_HEADER) == "simulator"
