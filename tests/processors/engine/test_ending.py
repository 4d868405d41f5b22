from __future__ import annotations

import asyncio

import pytest
from aiokafka.errors import IllegalStateError

from contracts.errors import Stop, TryAgain
from processors.engine.ending import as_it_ended, status_of, unless


async def given() -> str:
    return "made ready"


async def failing() -> str:
    raise Stop("Kafka went away as it started")


@pytest.mark.parametrize(
    ("error", "status"),
    [(None, 0), (KeyError("a fault of ours"), 1), (Stop("it is wrong"), 2), (TryAgain("kafka", "gone"), 75)],
)
def test_the_status_tells_what_is_wrong_from_what_only_has_to_be_started_again(
    error: Exception | None, status: int
) -> None:
    assert status_of(error) == status


@pytest.mark.parametrize(
    ("reason", "status"), [(KeyError("a fault of ours"), 1), (IllegalStateError("lost"), 2), (None, 2)]
)
def test_a_bug_that_ends_faust_ends_the_process_as_a_bug_and_what_kafka_did_as_a_stop(
    reason: Exception | None, status: int
) -> None:
    assert status_of(as_it_ended("plates", reason)) == status


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
