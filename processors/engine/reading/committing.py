"""Faust's consumer, committing what the window says and nothing else."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

import faust
from faust.transport.drivers.aiokafka import Consumer as FaustConsumer

from contracts.errors import TryAgain
from processors.engine.drivers.desk import Driver
from processors.engine.window import Place, Window

log = logging.getLogger(__name__)


class CommittingConsumer(FaustConsumer):
    our_driver: Driver
    our_window: Window

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **options)
        self._committed = dict[Place, int]()
        self._late = _Late()
        self._rebalances = 0

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
        rebalance = self._rebalances
        done = bool(offsets) and await self._commit_offsets(offsets, start_new_transaction)
        if done and rebalance == self._rebalances:
            # Faust leaves out, and takes for done, what is not ours by then.
            ours = self.assignment()
            self._committed.update(
                {(tp.topic, tp.partition): offset for tp, offset in offsets.items() if tp in ours}
            )
        return done

    async def on_partitions_revoked(self, revoked: set[Any]) -> None:
        self._rebalances += 1
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
