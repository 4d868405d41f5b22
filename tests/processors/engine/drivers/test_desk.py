"""Results that are refused for good: each is kept as a dead letter, too many in a row stop the stage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from contracts.codec import decode
from contracts.errors import SetAside, Stop
from contracts.messages.dead_letter import DeadLetter
from processors.engine.drivers.desk import Desk
from processors.engine.stage import Incoming, Outgoing
from tests.processors.engine.fakes import Broker, a_desk, a_message

LIMIT = 5
REFUSED, TAKEN, JUNK = b"refused", b"taken", b"junk"


def a_broker(*, away: int = 0) -> Broker:
    return Broker(away=away, refused=frozenset({REFUSED}))


async def passed(desk: Desk, values: Iterable[bytes]) -> None:
    """Each value is a message, and what it gives is the same; junk cannot be processed."""
    for offset, value in enumerate(values):
        message = a_message(offset, value=value)

        async def handled(message: Incoming = message) -> Sequence[Outgoing]:
            if message.value == JUNK:
                raise SetAside("junk")
            return (Outgoing(topic="out", key=message.key, value=message.value or b""),)

        await desk.deliver(await desk.attempt(message, handled), message)


async def test_results_that_are_all_refused_stop_the_stage_though_every_message_is_good() -> None:
    broker = a_broker()
    desk = a_desk(broker, longest_run=LIMIT)

    with pytest.raises(Stop, match=f"{LIMIT} results in a row .* too large"):
        await passed(desk, [REFUSED] * 20)

    assert [decode(DeadLetter, each.value).position.offset for each in broker.dead] == list(range(LIMIT))


async def test_who_begins_with_what_cannot_be_processed_stops_early_however_often_it_is_started() -> None:
    topic = [JUNK] * 300
    broker, lives = a_broker(), 5
    for _ in range(lives):
        with pytest.raises(Stop, match="20 messages in a row"):
            await passed(a_desk(broker), topic[len(broker.dead) :])

    assert len(broker.dead) == 20 * lives


async def test_who_has_done_something_good_since_its_start_goes_through_a_long_run() -> None:
    broker = a_broker()

    with pytest.raises(Stop, match="200 messages in a row"):
        await passed(a_desk(broker), [TAKEN, *[JUNK] * 300])

    assert len(broker.dead) == 200


async def test_good_messages_are_no_good_results_at_the_start_either() -> None:
    with pytest.raises(Stop, match="20 results in a row"):
        await passed(a_desk(a_broker()), [REFUSED] * 300)


async def test_a_result_that_is_taken_ends_the_run_of_refused_ones() -> None:
    broker = a_broker()
    desk = a_desk(broker, longest_run=LIMIT)

    await passed(desk, [*[REFUSED] * LIMIT, TAKEN] * 3)

    assert broker.values == [TAKEN] * 3
    assert len(broker.dead) == 3 * LIMIT


async def test_the_dead_letter_of_junk_between_refused_results_is_no_result_that_was_taken() -> None:
    desk = a_desk(a_broker(), longest_run=LIMIT)

    with pytest.raises(Stop, match=f"{LIMIT} results in a row"):
        await passed(desk, [REFUSED, JUNK] * 20)


async def test_a_broker_that_was_away_has_refused_nothing() -> None:
    broker = a_broker(away=10 * LIMIT)
    desk = a_desk(broker, longest_run=LIMIT)

    await passed(desk, [REFUSED, *[TAKEN] * LIMIT])

    assert broker.values == [TAKEN] * LIMIT
    assert desk.measures.set_aside_count == 1
