"""What the user of the demo may choose, from VIDEO, SPEED, DEMO_SECONDS and PORT."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from contracts.cameras import Pace
from contracts.errors import Stop


@dataclass(frozen=True, kw_only=True)
class DemoOptions:
    """`video`: the user's own file, folder or rtsp address, None for the rendered street cameras.
    `seconds`: end by itself after so long, None: at Ctrl-C."""

    video: str | None
    pace: Pace
    seconds: float | None
    port: int | None


def options_from(environment: Mapping[str, str]) -> DemoOptions:
    """The options that the environment names.

    Raises:
        Stop: a value is none of those that are understood.
    """
    speed = environment.get("SPEED") or "real"
    if speed not in ("real", "max"):
        raise Stop(f"SPEED is {speed!r}: it can be real or max")
    return DemoOptions(
        video=environment.get("VIDEO") or None,
        pace="max" if speed == "max" else "real",
        seconds=_number("DEMO_SECONDS", environment, lowest=5),
        port=_port(environment),
    )


def _number(name: str, environment: Mapping[str, str], *, lowest: float) -> float | None:
    text = environment.get(name)
    if not text:
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise Stop(f"{name} is {text!r}, not a number") from error
    if not lowest <= value < inf:
        raise Stop(f"{name} is {text}: it can be {lowest:g} or more")
    return value


def _port(environment: Mapping[str, str]) -> int | None:
    value = _number("PORT", environment, lowest=1)
    if value is None:
        return None
    if value > 65535 or value != int(value):
        raise Stop(f"PORT is {value:g}: it can be 1 to 65535")
    return int(value)
