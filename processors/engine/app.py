"""Faust around a driver: one app, one agent; the window alone decides which offsets are committed.

Faust 0.15 acknowledges messages that it skips in a rebalance, and commits past an unfinished one when
acknowledgements come out of order. So the agent takes its stream with `noack`, nothing is ever acknowledged
to Faust, and its consumer (`reading/committing.py`) is given the window's offsets where it would look at its
own.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import faust
from mode.supervisors import CrashingSupervisor

from contracts.messages.common import LogPosition
from processors.engine.drivers.desk import Driver, place_of
from processors.engine.measures import Measures
from processors.engine.reading.consumer import transport
from processors.engine.reading.subscription import Subscription
from processors.engine.stage import Incoming
from processors.engine.window import Place, Window

_DAY_SEC = 24 * 3600.0
# In-work messages may end within this; it must stay well below the time a rebalance may take.
_GRACE_SEC = 3.0
_KEEP_UP_EVERY_SEC = 1.0
_REBALANCE_SEC = 30.0
_METADATA_AGE_MS = 10_000
_FETCH_BYTES = 1024 * 1024
"""What is asked for of a partition at a time; so much of each may wait in memory beside the messages that
Faust has taken over (`prefetch`). A larger message comes all the same, alone (KIP-74)."""


def make_app(subscription: Subscription, driver: Driver, window: Window, measures: Measures) -> faust.App:
    """The Faust app of a stage; to be called in the loop it will run in."""
    app = faust.App(subscription.group, **_settings(subscription))
    app.transport = transport(app, driver, window, measures)
    consumer: Any = app.consumer  # `WindowConsumer`
    source = app.topic(*subscription.topics, key_type=bytes, value_type=bytes)

    async def feed(stream: Any) -> None:  # noqa: ANN401  (Faust's streams have no usable type)
        async for event in stream.noack().events():
            try:
                message = incoming(event.message)
                if consumer.takes(place_of(message), message.position.offset):
                    await driver.put(message)
            except Exception as error:  # noqa: BLE001  (whatever it is ends the process, by the window)
                window.fail(error)
                await asyncio.Event().wait()

    app.agent(source, name=subscription.group, concurrency=1, supervisor_strategy=CrashingSupervisor)(feed)

    async def give_up(_app: Any, *revoked: Any, **_: Any) -> None:  # noqa: ANN401
        places = {(place[0], place[1]) for place in revoked[0]}
        await window.settle(places, within_sec=_GRACE_SEC)
        await commit(app.consumer)
        await driver.forget(places, grace_sec=0.0)

    connect: Any = app.on_partitions_revoked.connect  # its type asks for an argument that Faust gives by name
    connect(give_up, weak=False)
    return app


async def commit(consumer: Any) -> None:  # noqa: ANN401  (its protocol does not name what is asked here)
    """Commit what is finished by now. While a round is under way, Faust waits for that one alone, whose
    offsets may be from before."""
    await consumer.maybe_wait_for_commit_to_finish()
    await consumer.commit()


def incoming(message: Any) -> Incoming:  # noqa: ANN401
    """A message as the stages know it."""
    return Incoming(
        value=message.value,
        key=message.key,
        headers=tuple(message.headers or ()),
        position=LogPosition(topic=message.topic, partition=message.partition, offset=message.offset),
        timestamp=datetime.fromtimestamp(message.timestamp or 0.0, UTC),
    )


def assigned(app: faust.App) -> Collection[Place]:
    """The partitions that are ours, and from which is known where they are read; none in a rebalance."""
    consumer: Any = app.consumer  # `WindowConsumer`
    return tuple(consumer.begins or ())


async def keep_up(app: faust.App, window: Window) -> None:
    """As long as the app runs: nothing that is to be read again is forgotten, while Kafka is away either."""
    consumer: Any = app.consumer  # `WindowConsumer`
    while True:
        await asyncio.sleep(_KEEP_UP_EVERY_SEC)
        if not app.should_stop:
            await consumer.keep_up(behind(app, window))


def read_no_more(app: faust.App) -> None:
    """This worker ends, and what is not in work yet is the next one's: also what Faust has in its queues, and
    though a rebalance lets that flow again."""
    consumer: Any = app.consumer  # `WindowConsumer`
    consumer.stop_flow()
    app.flow_control.suspend()
    consumer.take_no_more()


def behind(app: faust.App, window: Window) -> Collection[Place]:
    """Our partitions in which messages stand that were not begun, or of which that is not known: also while
    the window is full of others' messages, and while no fetch comes back."""
    consumer: Any = app.consumer  # `WindowConsumer`
    begun = window.next_offsets
    return {
        place
        for place, begin in _read_from(app).items()
        if (end := consumer.end_told(place)) is None or max(begin, begun.get(place, 0)) < end
    }


def lag(app: faust.App, window: Window) -> int | None:
    """Messages that stand in our partitions and are not acknowledged; None while those are not known."""
    consumer: Any = app.consumer  # `WindowConsumer`
    if consumer.begins is None or consumer.unopened or app.should_stop:
        return 0 if app.unassigned else None
    reached = window.committable()
    waiting = 0
    for place, begin in _read_from(app).items():
        end: int | None = consumer.last_end(place)
        if end is None:
            return None
        waiting += max(0, end - reached.get(place, begin))
    return waiting


def _read_from(app: faust.App) -> dict[Place, int]:
    """Of each of our partitions where reading began."""
    consumer: Any = app.consumer  # `WindowConsumer`
    return {} if app.should_stop else dict(consumer.begins or {})


def _settings(subscription: Subscription) -> dict[str, Any]:
    return {
        "broker": f"kafka://{subscription.kafka.replace(',', ';kafka://')}",
        "value_serializer": "raw",
        "key_serializer": "raw",
        "store": "memory://",
        # Faust makes a folder for tables that nobody has, so one is enough for all; the working directory may
        # be read-only.
        "datadir": str(Path(tempfile.gettempdir()) / f"platestream-{os.getuid()}"),
        "table_standby_replicas": 0,
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "web_enabled": False,
        "stream_wait_empty": False,  # a waiting message would hold up every rebalance; `give_up` sees to it
        "stream_buffer_maxsize": subscription.prefetch,
        "stream_processing_timeout": _DAY_SEC,  # only logs, and waiting for a dependency is no error
        "broker_commit_livelock_soft_timeout": _DAY_SEC,
        "consumer_max_fetch_size": _FETCH_BYTES,
        "consumer_auto_offset_reset": "earliest",
        "consumer_group_instance_id": subscription.instance,
        "broker_commit_interval": 0.5,
        "broker_commit_every": None,
        "broker_max_poll_records": 200,
        "broker_max_poll_interval": _DAY_SEC,  # back pressure may stop the fetching for long
        "broker_rebalance_timeout": _REBALANCE_SEC,
        "broker_session_timeout": subscription.session_timeout_sec,
        "broker_heartbeat_interval": min(3.0, subscription.session_timeout_sec / 3),
        # Who joins while a broker that has just started knows no partitions yet is given none, and looks
        # again only then; Faust's default is five minutes.
        "consumer_metadata_max_age_ms": _METADATA_AGE_MS,
        "broker_request_timeout": max(40.0, subscription.session_timeout_sec + 5),
    }
