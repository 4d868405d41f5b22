"""Faust's consumer as the engine needs it: commits the window's offsets, knows where its partitions begin."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

import faust
from faust.transport.drivers.aiokafka import Consumer as FaustConsumer
from faust.transport.drivers.aiokafka import Transport as FaustTransport

from contracts.errors import TryAgain
from processors.engine.desk import Driver
from processors.engine.window import Place, Window

log = logging.getLogger(__name__)


def transport(app: faust.App, driver: Driver, window: Window) -> FaustTransport:
    """To be called in the loop that the app will run in."""

    class OurConsumer(WindowConsumer):
        our_driver = driver
        our_window = window

    class OurTransport(FaustTransport):
        Consumer = OurConsumer

    return OurTransport(app.conf.broker_consumer, app, loop=asyncio.get_running_loop())


class WindowConsumer(FaustConsumer):
    """Commits what the window says and nothing else."""

    our_driver: Driver
    our_window: Window

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **options)
        self._committed = dict[Place, int]()
        self._late = _Late()
        self.begins: dict[Place, int] | None = None
        """Of each partition that is ours the offset from which it is read; None while that is open."""

    def ack(self, message: Any) -> bool:  # noqa: ANN401, ARG002
        return False

    def _filter_committable_offsets(self, tps: Iterable[Any]) -> dict[Any, int]:  # noqa: ARG002
        return {
            faust.types.TP(*place): offset
            for place, offset in self.our_window.committable().items()
            if self._committed.get(place) != offset
        }

    async def _commit_tps(self, tps: Iterable[Any], start_new_transaction: bool) -> bool:
        offsets = self._filter_committable_offsets(tps)
        try:
            # Also when no offset has moved: while old messages are still needed, results are given.
            await self.our_driver.before_commit()
        except TryAgain as error:
            # Faust would end over it; what is not committed now is committed with the next offsets.
            self._late.told(error)
            return False
        self._late.over()
        done = bool(offsets) and await self._commit_offsets(offsets, start_new_transaction)
        if done:
            self._committed.update({(tp.topic, tp.partition): offset for tp, offset in offsets.items()})
        return done

    async def perform_seek(self) -> None:
        """Faust's last step of a rebalance, before it reads."""
        await super().perform_seek()
        ours = self.assignment()
        earliest, ends = await self.earliest_offsets(*ours), await self.highwaters(*ours)
        begins = {}
        for tp in ours:
            begins[tp.topic, tp.partition] = max(self._committed_offset[tp] or 0, earliest[tp])
            if (self._committed_offset[tp] or 0) > ends[tp]:
                begins[tp.topic, tp.partition] = earliest[tp]
                self._went_back(tp, ends[tp])
        self.begins = begins

    def _went_back(self, tp: Any, end: int) -> None:  # noqa: ANN401
        """Kafka resets the group to the first message that is kept, and Faust would pass over what it reads
        then as long as it lies below the offset that was committed."""
        committed = self._committed_offset[tp]
        log.warning(
            "%s[%d] ends at %d, before the committed offset %d: all of it is read", *tp, end, committed
        )
        self._read_offset[tp] = None

    async def on_partitions_revoked(self, revoked: set[Any]) -> None:
        self.begins = None
        await super().on_partitions_revoked(revoked)
        for tp in revoked:
            self._committed.pop((tp.topic, tp.partition), None)


class _Late:
    """Offsets that wait for a Kafka that is away: told of once, not at every round."""

    def __init__(self) -> None:
        self._is_told = False

    def told(self, error: TryAgain) -> None:
        log.log(logging.DEBUG if self._is_told else logging.WARNING, "offsets are committed later: %s", error)
        self._is_told = True

    def over(self) -> None:
        self._is_told = False
