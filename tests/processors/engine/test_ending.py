from __future__ import annotations

import asyncio

import pytest

from contracts.errors import Stop
from processors.engine.ending import unless


async def given() -> str:
    return "made ready"


async def failing() -> str:
    raise Stop("Kafka went away as it started")


async def test_work_gives_what_it_made() -> None:
    assert await unless(asyncio.Event(), given()) == "made ready"


async def test_work_that_fails_is_told() -> None:
    with pytest.raises(Stop, match="Kafka went away"):
        await unless(asyncio.Event(), failing())


async def test_work_that_never_comes_to_an_end_is_broken_off() -> None:
    told = asyncio.Event()
    asyncio.get_running_loop().call_later(0.01, told.set)
    assert await unless(told, asyncio.sleep(3600.0, "never")) is None


async def test_what_fails_at_the_moment_at_which_the_end_is_told_is_no_error() -> None:
    """As when a broker dies while the worker that was to begin is told to end."""
    told = asyncio.Event()
    told.set()
    assert await unless(told, failing()) is None
