"""Faust's consumer as the engine needs it: knows where its partitions begin, and hands over every message
from there on, in the order of the log."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection
from typing import Any

import faust
from faust.transport.drivers.aiokafka import Transport as FaustTransport

from contracts.errors import TryAgain
from processors.engine.drivers.desk import Driver
from processors.engine.measures import Measures
from processors.engine.reading.asking import AskingConsumer
from processors.engine.reading.spans import Span, place_of
from processors.engine.reading.succession import Succession
from processors.engine.window import Place, Window

log = logging.getLogger(__name__)

_SEEK_WITHIN_SEC = 30.0
"""Faust waits 40 s for it. After these it takes the worker for stopped, and ends the task for this rebalance
and all that come: the worker would be a member of its group and never read again."""
_BEGINS_WITHIN_LOOKS = 60
_OPEN_EVERY_SEC = 5.0
_LOOK_EVERY_SEC = 30.0
_LOOKS_WHILE_FULL = 10


def transport(app: faust.App, driver: Driver, window: Window, measures: Measures) -> FaustTransport:
    """To be called in the loop that the app will run in."""

    class OurConsumer(WindowConsumer):
        our_driver = driver
        our_window = window
        our_measures = measures

    class OurTransport(FaustTransport):
        Consumer = OurConsumer

    return OurTransport(app.conf.broker_consumer, app, loop=asyncio.get_running_loop())


class WindowConsumer(AskingConsumer):
    """Hands over each message of its partitions once, in the order of the log, with none left out."""

    our_measures: Measures

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **options)
        self._succession = Succession()
        self._read_offset = _NoReadOffsets()
        self._is_assigned = False
        self._is_over = False
        self._looks_before_it_began = 0
        self.unopened = set[Place]()
        """Ours of which Kafka has not said yet where they begin: nothing of them is taken till then."""
        self._looked_sec = self._asked_to_open_sec = time.monotonic()
        self._quiet = dict[Place, tuple[int, int]]()
        """Of those that were behind at the last look the offset that was expected, and for how many looks."""
        self.begins: dict[Place, int] | None = None
        """Of each partition that is ours the offset from which it is read; None while that is open."""

    async def perform_seek(self) -> None:
        """Faust's last step of a rebalance, before it reads. It also seeks when a fetch ends while
        nothing is to be read: after all was given up, and before it is known what is ours now.

        Raises:
            TryAgain: Kafka does not say in time from where our partitions are to be read.
        """
        try:
            async with asyncio.timeout(_SEEK_WITHIN_SEC):
                await self._begin_anew()
        except TimeoutError as error:
            raise TryAgain("kafka", "it does not say from where our partitions are to be read") from error

    async def _begin_anew(self) -> None:
        rebalance = self._rebalances
        if self.flow_active:
            # The end of an earlier rebalance has let it flow again; Faust does so once more after this one.
            self.stop_flow()
        await super().perform_seek()
        if self._is_over or not self._is_assigned:
            return
        ours = {place_of(tp) for tp in self.assignment()}
        spans = await self._spans(ours)
        if rebalance != self._rebalances:
            return
        begins = {place: self._begin_of(place, span) for place, span in spans.items()}
        for place, begin in begins.items():
            # aiokafka leaves a partition where it is when nothing, or offset 0, is committed, so what Faust
            # has fetched and thrown away meanwhile would never be read.
            if not begin or begin != self._committed_of(place):
                await self._sought(place, begin)
        if rebalance == self._rebalances:
            self.begins, self.unopened = begins, ours.difference(begins)
            self._asked_to_open_sec = time.monotonic()
            self._succession.begin(begins)  # first, since a rebalance may come while the thread is waited for
            await self._fetch(self.unopened, goes_on=False)

    def takes(self, place: Place, offset: int) -> bool:
        """Whether this message is the next of its partition, and that is ours. Where something was passed
        over before it, `keep_up` sees to it that reading begins there anew."""
        return not self._is_over and self._succession.takes(place, offset)

    def take_no_more(self) -> None:
        """This worker ends: whatever still comes, also after a rebalance, is the next one's."""
        self._is_over = True

    async def keep_up(self, behind: Collection[Place]) -> None:
        """To be awaited every second. Has read again what was passed over; opens partitions of which Kafka
        has not said yet where they begin; and looks now and then at those in which messages seem to wait
        (`behind`): what of them is still kept, and whether they come at all.

        Raises:
            TryAgain: partitions are ours for long, and their reading has not begun.
        """
        self._sees_that_it_begins()
        begins, now_sec = self.begins, time.monotonic()
        if begins is None or self._is_over:
            return
        again, ask = self._succession.overdue(), set[Place]()
        if self.unopened and now_sec - self._asked_to_open_sec >= _OPEN_EVERY_SEC:
            self._asked_to_open_sec = now_sec
            ask |= self.unopened
        if now_sec - self._looked_sec >= _LOOK_EVERY_SEC:
            self._looked_sec = now_sec
            ask |= begins.keys() & set(behind)
            again = self._do_not_come(behind) | again
        if not again and not ask:
            return
        spans = await self._spans({*ask, *again})
        if begins is not self.begins:
            return  # a rebalance has overtaken the answer
        for place, expected in again.items():
            await self._read_again(place, expected, spans.get(place))
        for place in begins.keys() & spans.keys():
            begins[place] = max(begins[place], spans[place][0])
        for place in self.unopened & spans.keys():
            await self._open_late(begins, place, spans[place])

    def _sees_that_it_begins(self) -> None:
        """Faust can lose the last step of a rebalance. Looks are counted, not seconds: a process that stood
        still has not waited."""
        is_missing = self._is_assigned and self.begins is None and not self._is_over
        if not is_missing or not self.assignment():
            self._looks_before_it_began = 0
            return
        self._looks_before_it_began += 1
        if self._looks_before_it_began >= _BEGINS_WITHIN_LOOKS:
            raise TryAgain("kafka", "partitions were assigned a minute ago, and reading has not begun")

    def _do_not_come(self, behind: Collection[Place]) -> dict[Place, int]:
        """Those of which nothing was taken since the last look although there is room for it, or for long."""
        before, self._quiet, again = self._quiet, {}, dict[Place, int]()
        for place in behind:
            if (expected := self._succession.expected(place)) is not None:
                then, looks = before.get(place, (expected, 0))
                self._quiet[place] = expected, looks + 1 if then == expected else 1
                if self._quiet[place][1] > (_LOOKS_WHILE_FULL if self.our_window.is_full else 1):
                    again[place] = expected
        return again

    async def _read_again(self, place: Place, expected: int, span: Span | None) -> None:
        """From the expected message on, or the first that is still kept; None: nobody says which that is."""
        if self._succession.expected(place) != expected:
            return  # it came, or was given up
        offset = max(expected, span[0]) if span else expected
        if span and await self._sought(place, offset):
            if offset > expected:
                self._not_kept(place, expected, offset)
                self._succession.nothing_before(place, offset)
            log.warning("%s[%d] is read again from offset %d on", *place, offset)
            return
        log.warning("%s[%d] cannot be read again yet", *place)
        self._succession.not_asked(place)

    async def _open_late(self, begins: dict[Place, int], place: Place, span: Span) -> None:
        """What was fetched of it meanwhile was left."""
        if begins is not self.begins:
            return
        begins[place] = begin = self._begin_of(place, span)
        self.unopened.discard(place)
        self._succession.add(place, begin)  # first, or what comes at once would be left as well
        await self._sought(place, begin)
        await self._fetch([place], goes_on=True)

    def _begin_of(self, place: Place, span: Span) -> int:
        """From where it is read: by what the group has committed, and by what Kafka still has."""
        (earliest, end), committed = span, self._committed_of(place)
        if committed > end:
            log.warning(
                "%s[%d] ends at %d, before the committed %d: all of it is read", *place, end, committed
            )
            return earliest
        if 0 < committed < earliest:
            self._not_kept(place, committed, earliest)
        return max(committed, earliest)

    def _committed_of(self, place: Place) -> int:
        return self._committed_offset[faust.types.TP(*place)] or 0

    def _not_kept(self, place: Place, first: int, kept_from: int) -> None:
        log.warning("%s[%d]: offsets %d to %d are not kept any more", *place, first, kept_from - 1)
        self.our_measures.not_kept(kept_from - first)

    async def on_partitions_revoked(self, revoked: set[Any]) -> None:
        self._looks_before_it_began = 0
        self._is_assigned, self.begins = False, None
        self._succession.begin({})
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[Any], generation_id: int = 0) -> None:
        self._is_assigned = True
        await super().on_partitions_assigned(assigned, generation_id)


class _NoReadOffsets(dict[Any, int | None]):
    """Faust passes over what lies below the offset that it has read last, even if it was sought since."""

    def __getitem__(self, tp: Any) -> None:  # noqa: ANN401
        return None
