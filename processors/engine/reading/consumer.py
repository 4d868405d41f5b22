"""Faust's consumer as the engine needs it: commits the window's offsets, knows where its partitions begin,
and hands over every message from there on, in the order of the log."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import faust
from aiokafka.errors import KafkaError
from faust.transport.drivers.aiokafka import Consumer as FaustConsumer
from faust.transport.drivers.aiokafka import Transport as FaustTransport

from contracts.errors import TryAgain
from processors.engine.drivers.desk import Driver
from processors.engine.reading.succession import Step, Succession
from processors.engine.window import Place, Window

log = logging.getLogger(__name__)

_ANSWER_WITHIN_SEC = 5.0
_ASK_BEGINS_EVERY_SEC = 30.0


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
        self._succession = Succession()
        self._read_offset = _NoReadOffsets()
        self._late = _Late()
        self._rebalances = 0
        self._begins_asked_sec = time.monotonic()
        self._is_assigned = False
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
        """Faust's last step of a rebalance, before it reads. It also seeks when a fetch ends while
        nothing is to be read: after all was given up, and before it is known what is ours now."""
        rebalance = self._rebalances
        if self.flow_active:
            # The end of an earlier rebalance has let it flow again; Faust does so once more after this one.
            self.stop_flow()
        await super().perform_seek()
        if not self._is_assigned:
            return
        begins = await self._where_ours_begin()
        if rebalance == self._rebalances:
            self.begins = begins
            self._succession.begin(begins)

    async def takes(self, place: Place, offset: int) -> bool:
        """Whether this message is the next of its partition, and that is ours. Where something was passed
        over before it, reading begins there anew."""
        step, expected = self._succession.step(place, offset), self._succession.expected(place)
        if step is Step.READ_AGAIN and expected is not None:
            begin = (await self._begins_now((place,))).get(place)
            if begin is None or begin < offset:
                await self._read_again(place, expected, begin)
            else:
                log.warning("%s[%d]: offsets %d to %d are not kept any more", *place, expected, offset - 1)
                self._succession.nothing_before(place, offset)
                step = self._succession.step(place, offset)
        return step is Step.TAKE

    async def keep_up(self, behind: Collection[Place]) -> None:
        """To be awaited every second. Asks again for what was asked for and did not come, while nothing else
        comes; and now and then what is still kept of partitions in which messages seem to wait (`behind`)."""
        overdue = {place: self._succession.expected(place) for place in self._succession.overdue()}
        is_time = time.monotonic() - self._begins_asked_sec >= _ASK_BEGINS_EVERY_SEC
        if not overdue and not is_time:
            return
        if is_time:
            self._begins_asked_sec = time.monotonic()
        begins = await self._begins_now({*overdue, *behind})
        for place, expected in overdue.items():
            if expected is not None:
                await self._read_again(place, expected, begins.get(place))

    async def _read_again(self, place: Place, expected: int, begin: int | None) -> None:
        """From the expected message on, or the first that is still kept; None: nobody says which that is."""
        if self._succession.expected(place) != expected:
            return  # it was given up meanwhile
        why = "Kafka does not say what is kept"
        if begin is not None:
            offset = max(expected, begin)
            try:
                await self._seek(faust.types.TP(*place), offset)
            except KafkaError as error:  # it is somebody else's by now
                why = repr(error)
            else:
                log.warning("%s[%d] is read again from offset %d on", *place, offset)
                return
        log.warning("%s[%d] cannot be read again yet: %s", *place, why)
        self._succession.not_asked(place)

    async def _begins_now(self, places: Collection[Place]) -> Mapping[Place, int]:
        """From where ours of these are kept by now, which is what they begin with; {}: nobody knows."""
        begins = self.begins
        if begins is None or not (ours := [faust.types.TP(*place) for place in places if place in begins]):
            return {}
        try:
            earliest, _ = await self._spans(ours)
        except (KafkaError, TimeoutError):
            return {}
        if begins is not self.begins:
            return {}  # a rebalance has overtaken the answer
        known = {(tp.topic, tp.partition): earliest[tp] for tp in ours}
        begins |= {place: max(begins[place], begin) for place, begin in known.items()}
        return known

    async def _where_ours_begin(self) -> dict[Place, int]:
        """By what the group has committed, and by what Kafka still has if it says so soon: one partition that
        has no leader must not hold the others up."""
        ours = self.assignment()
        committed = {tp: self._committed_offset[tp] or 0 for tp in ours}
        try:
            earliest, ends = await self._spans(ours)
            for tp in ours:
                if committed[tp] > ends[tp]:
                    await self._read_anew(tp, earliest[tp], ends[tp])
                    committed[tp] = 0
                elif not committed[tp]:
                    # aiokafka leaves a partition where it is when nothing, or offset 0, is committed, so
                    # what Faust has fetched and thrown away meanwhile would never be read.
                    await self._seek(tp, earliest[tp])
        except (KafkaError, TimeoutError) as error:
            log.warning("Kafka does not say where the partitions begin and end: %r", error)
            earliest = committed
        return {(tp.topic, tp.partition): max(committed[tp], earliest[tp]) for tp in ours}

    async def _spans(self, partitions: Collection[Any]) -> tuple[Mapping[Any, int], Mapping[Any, int]]:
        """Where they begin and end, asked in the thread that fetches. That one has two hands for all that is
        asked of it, so the time ends there.

        Raises:
            TimeoutError: a partition has no leader.
        """

        async def asked() -> tuple[Mapping[Any, int], Mapping[Any, int]]:
            consumer = self._thread._ensure_consumer()  # noqa: SLF001  (Faust has no other way to it)
            async with asyncio.timeout(_ANSWER_WITHIN_SEC):
                begins = await consumer.beginning_offsets(partitions)
                return begins, await consumer.end_offsets(partitions)

        spans: tuple[Mapping[Any, int], Mapping[Any, int]] = await self._thread.call_thread(asked)
        return spans

    async def _seek(self, partition: Any, offset: int) -> None:  # noqa: ANN401
        """In the thread that fetches. Faust does it from this one, and that one ends over it if it is handing
        out just then what it has of the partition."""

        async def seek() -> None:
            self._thread.seek(partition, offset)

        await self._thread.call_thread(seek)

    async def _read_anew(self, tp: Any, earliest: int, end: int) -> None:  # noqa: ANN401
        committed = self._committed_offset[tp]
        log.warning(
            "%s[%d] ends at %d, before the committed offset %d: all of it is read", *tp, end, committed
        )
        await self._seek(tp, earliest)

    async def on_partitions_revoked(self, revoked: set[Any]) -> None:
        self._rebalances += 1
        self._is_assigned, self.begins = False, None
        self._succession.begin({})
        await super().on_partitions_revoked(revoked)
        for tp in revoked:
            self._committed.pop((tp.topic, tp.partition), None)

    async def on_partitions_assigned(self, assigned: set[Any], generation_id: int = 0) -> None:
        self._is_assigned = True
        await super().on_partitions_assigned(assigned, generation_id)


class _NoReadOffsets(dict[Any, int | None]):
    """Faust passes over what lies below the offset that it has read last, even if it was sought since."""

    def __getitem__(self, tp: Any) -> None:  # noqa: ANN401
        return None


class _Late:
    """Offsets that wait for a Kafka that is away: told of once, not at every round."""

    def __init__(self) -> None:
        self._is_told = False

    def told(self, error: TryAgain) -> None:
        log.log(logging.DEBUG if self._is_told else logging.WARNING, "offsets are committed later: %s", error)
        self._is_told = True

    def over(self) -> None:
        self._is_told = False
