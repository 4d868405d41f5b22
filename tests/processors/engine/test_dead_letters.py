"""Dead letters: whatever cannot be processed, however large, is kept as far as it fits."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.codec import decode, encode
from contracts.errors import SetAside
from contracts.messages.dead_letter import DeadLetter
from contracts.topics import MAX_MESSAGE_BYTES
from processors.engine.dead_letters import fitting
from processors.engine.drivers.desk import Desk
from processors.engine.stage import Outgoing
from tests.contracts.builders import a_dead_letter
from tests.processors.engine.fakes import Broker, a_desk, a_message

LARGEST = MAX_MESSAGE_BYTES - 64 * 1024


@pytest.mark.parametrize("size", [MAX_MESSAGE_BYTES, 3 * MAX_MESSAGE_BYTES])
def test_a_letter_of_the_largest_message_fits_and_says_what_was_cut(size: int) -> None:
    letter = fitting(a_dead_letter(value=b"\xff" * size))
    assert len(encode(letter)) <= LARGEST
    assert len(letter.value) > LARGEST * 0.7
    assert f"the first {len(letter.value)} of {size} bytes of the value" in letter.reason


def test_a_letter_that_fits_is_kept_as_it_is() -> None:
    letter = a_dead_letter(value=b"x" * 1000)
    assert fitting(letter) == letter


@settings(max_examples=60, deadline=None)
@given(
    value=st.integers(0, 40_000),
    reason=st.text(max_size=200).map(lambda text: text * 100),
    key=st.binary(max_size=4000),
    headers=st.lists(st.tuples(st.text(max_size=9), st.binary(max_size=9000)), max_size=4),
)
def test_no_letter_is_larger_than_its_bound(
    value: int, reason: str, key: bytes, headers: list[tuple[str, bytes]]
) -> None:
    letter = a_dead_letter(value=b"x" * value, reason=reason, key=key, headers=tuple(headers))
    short = fitting(letter, largest_bytes=150_000)
    assert len(encode(short)) <= 150_000
    assert short.position == letter.position
    assert letter.value.startswith(short.value)


class SmallTopic(Broker):
    """A dead-letter topic whose own limit is below what every stage expects."""

    largest = 2_000

    async def send(self, messages: list[Outgoing]) -> None:  # type: ignore[override]
        if any(len(message.value) > self.largest for message in messages):
            raise SetAside("MessageSizeTooLargeError")
        await super().send(messages)


async def test_a_letter_that_its_topic_refuses_is_sent_without_the_bytes() -> None:
    broker = SmallTopic()
    desk = a_desk(broker)
    await _bury(desk, 5_000)
    letter = decode(DeadLetter, broker.dead[0].value)
    assert (letter.position.offset, letter.value) == (3, b"")
    assert "5000 bytes are left out" in letter.reason


async def test_a_topic_that_takes_no_letter_at_all_does_not_end_the_stage(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broker = SmallTopic()
    broker.largest = 10
    desk = a_desk(broker)
    await _bury(desk, 5_000)
    assert broker.dead == []
    assert "in.dead refuses a dead letter" in caplog.text
    assert desk.measures.set_aside_count == 2


async def _bury(desk: Desk, size: int) -> None:
    message = a_message(3, value=b"x" * size)
    await desk.deliver((desk.dead_letters.letter(message, SetAside("junk"), attempts=1),), message)
