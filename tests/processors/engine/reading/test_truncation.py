"""A log that ends before what was read of it, and what only looks like one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from contracts.errors import TryAgain
from processors.engine.reading.kafka_log import Spans
from processors.engine.reading.truncation import Truncation, WentBack
from processors.engine.window import Place, Window

GATE: Place = ("frames", 0)
YARD: Place = ("frames", 1)


@dataclass
class Log:
    """`answers`: what is answered one time after the other, the last for ever; None: nobody answers."""

    answers: list[dict[Place, int] | None]
    asked: list[Collection[Place]] = field(default_factory=list)
    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def spans(self) -> Spans:
        raise AssertionError("nobody asks where the group stands")

    async def ends(self, places: Collection[Place]) -> Mapping[Place, int]:
        self.asked.append(places)
        if self.meanwhile is not None:
            await self.meanwhile()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is None:
            raise TryAgain("kafka", "nobody answers")
        return answer


async def a_window(read: dict[Place, int]) -> Window:
    window = Window(99)
    for place, after in read.items():
        await window.enter(place, after - 1)
        window.finish(place, after - 1)
    return window


async def looked(read: dict[Place, int], *answers: dict[Place, int] | None) -> Sequence[WentBack]:
    return await Truncation(await a_window(read), Log(list(answers)), moment_sec=0.0).look()


async def test_a_log_that_ends_before_what_was_read_went_back_and_says_from_where_to_where() -> None:
    [one] = await looked({GATE: 100, YARD: 7}, {GATE: 60, YARD: 7}, {GATE: 63, YARD: 9})
    assert (one.place, one.read, one.end) == (GATE, 100, 63)
    assert "the log of frames[0] went back: it was read up to offset 99" in str(one)
    assert "the next message will have offset 63" in str(one)


async def test_what_is_read_to_its_end_or_not_yet_is_in_order() -> None:
    assert await looked({GATE: 100, YARD: 7}, {GATE: 100, YARD: 70}) == ()


async def test_an_end_that_is_back_in_its_place_a_moment_later_was_that_of_a_new_leader() -> None:
    assert await looked({GATE: 100}, {GATE: 60}, {GATE: 100}) == []


async def test_two_partitions_that_are_behind_for_a_moment_each_are_not_one_that_went_back() -> None:
    back = {GATE: 60, YARD: 7}, {GATE: 100, YARD: 2}
    assert await looked({GATE: 100, YARD: 7}, *back) == []


async def test_while_kafka_is_away_no_log_went_back() -> None:
    assert await looked({GATE: 100}, None) == ()
    assert await looked({GATE: 100}, {GATE: 60}, None) == []


async def test_what_is_begun_while_kafka_answers_is_no_part_of_the_question() -> None:
    window = await a_window({GATE: 100})

    async def one_more() -> None:
        await window.enter(GATE, window.next_offsets[GATE])

    assert await Truncation(window, Log([{GATE: 100}], meanwhile=one_more), moment_sec=0.0).look() == ()


async def test_who_has_read_nothing_asks_nobody() -> None:
    log = Log([{}])
    assert await Truncation(Window(1), log).look() == ()
    assert log.asked == []
