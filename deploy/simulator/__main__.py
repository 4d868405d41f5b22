"""`python -m deploy.simulator`: settings from the environment, one line that says so, then serve.

PLATESTREAM_HTTP                        host:port to listen on
PLATESTREAM_REGISTRY_KEY_FILE           the key that callers must show
PLATESTREAM_SIMULATOR_PROFILE           clean (default), flaky, slow, down
PLATESTREAM_SIMULATOR_OWNERS            masked (default) or full
PLATESTREAM_SIMULATOR_SEED, _PER_MINUTE, _CREDITS    whole numbers
PLATESTREAM_SIMULATOR_LATENCY_SCALE     a number, 0: answers come at once
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from contracts.errors import Stop
from deploy.simulator.app import create_app
from deploy.simulator.desk import Rules
from deploy.simulator.faults import Profile

logger = logging.getLogger("deploy.simulator")

_PREFIX = "PLATESTREAM_SIMULATOR_"


@dataclass(frozen=True)
class Settings:
    host: str
    port: int
    rules: Rules


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Raises `Stop` with the name of the variable that is missing or wrong."""
    host, _, port = environment.get("PLATESTREAM_HTTP", "").rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise Stop("PLATESTREAM_HTTP: host:port to listen on is needed")
    defaults = Rules(key="")
    credits_left = environment.get(f"{_PREFIX}CREDITS")
    rules = Rules(
        key=_read_key(environment.get("PLATESTREAM_REGISTRY_KEY_FILE", "")),
        profile=_profile(environment.get(f"{_PREFIX}PROFILE", Profile.CLEAN.value)),
        seed=_whole_number(environment, "SEED", defaults.seed),
        owners_masked=_owners_masked(environment.get(f"{_PREFIX}OWNERS", "masked")),
        per_minute=_whole_number(environment, "PER_MINUTE", defaults.per_minute),
        credits=_whole_number(environment, "CREDITS", 0) if credits_left else None,
        latency_scale=_number(environment, "LATENCY_SCALE", defaults.latency_scale),
    )
    return Settings(host, int(port), rules)


def _read_key(path: str) -> str:
    try:
        key = Path(path).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(f"PLATESTREAM_REGISTRY_KEY_FILE {path}: {type(error).__name__}") from error
    if not key:
        raise Stop(f"PLATESTREAM_REGISTRY_KEY_FILE {path}: empty")
    return key


def _profile(name: str) -> Profile:
    try:
        return Profile(name)
    except ValueError as error:
        raise Stop(f"{_PREFIX}PROFILE {name!r}: one of {', '.join(Profile)}") from error


def _owners_masked(name: str) -> bool:
    if name not in ("masked", "full"):
        raise Stop(f"{_PREFIX}OWNERS {name!r}: masked or full")
    return name == "masked"


def _number(environment: Mapping[str, str], name: str, default: float) -> float:
    written = environment.get(f"{_PREFIX}{name}") or str(default)
    try:
        number = float(written)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise Stop(f"{_PREFIX}{name} is {written!r}: it can be a number, 0 or more")
    return number


def _whole_number(environment: Mapping[str, str], name: str, default: int) -> int:
    written = environment.get(f"{_PREFIX}{name}") or str(default)
    if not written.isdecimal():
        raise Stop(f"{_PREFIX}{name} is {written!r}: it can be a whole number, 0 or more")
    return int(written)


async def serve(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT. Calls that hang on purpose do not hold up the end."""
    app = create_app(settings.rules, clock=time.time)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
        rules = settings.rules
        logger.info(
            "registry SIMULATOR at http://%s:%d, profile %s, seed %d, reference date %s",
            *(settings.host, settings.port, rules.profile.value, rules.seed, rules.reference_date),
        )
        ended = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
        await ended.wait()
    finally:
        await runner.cleanup()


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        asyncio.run(serve(read_settings(os.environ)))
    except Stop as error:
        logger.error("%s", error)  # noqa: TRY400 (one line for people; the cause is in it)
        return 2
    except OSError as error:
        logger.error("cannot listen: %s", error)  # noqa: TRY400
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
