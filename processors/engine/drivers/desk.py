"""What every driver needs beside its stage: patience, delivery, dead letters, the window, the log."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from contracts.errors import SetAside
from processors.engine.dead_letters import DeadLetters, shortest, topic_of
from processors.engine.measures import Measures
from processors.engine.patience import GivenUp, Patience
from processors.engine.reading.kafka_log import Log
from processors.engine.stage import Incoming, Outgoing
from processors.engine.window import Place, Window


class Delivery(Protocol):
    """Sends messages and returns once the broker has them all.

    Raises `TryAgain` while the broker is away, `SetAside` when it refuses a message for good.
    """

    async def send(self, messages: Sequence[Outgoing]) -> None: ...

    async def missing(self, topics: Sequence[str]) -> list[str]:
        """Those of the topics that do not exist."""


class Driver(Protocol):
    """Runs one shape of stage. `put` returns when the message has its place in the window."""

    async def put(self, message: Incoming) -> None: ...

    async def forget(self, places: set[Place], *, grace_sec: float) -> None: ...

    async def tick(self, ours: Collection[Place] = (), behind: Collection[Place] = ()) -> None:
        """Awaited every second. `ours`: the partitions that this worker has, also those without a message;
        none while that is being decided. `behind`: those of them in which messages may stand that were not
        put yet."""

    async def before_commit(self) -> None:
        """Awaited before offsets are committed, and as often when none has moved."""

    async def last_words(self) -> None:
        """Awaited once at a stop that was asked for, after all that was in work: sends what is still to be
        told, or leaves it, but does not wait for Kafka to come back."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts that the drivers share."""

    window: Window
    log: Log
    patience: Patience
    delivery: Delivery
    dead_letters: DeadLetters
    measures: Measures

    async def attempt(
        self, message: Incoming, call: Callable[[], Awaitable[Sequence[Outgoing]]]
    ) -> Sequence[Outgoing]:
        """What the call gives for a message, or the message's dead letter."""
        try:
            results = await self.patience.wait_for(call, about=about(message))
        except GivenUp as error:
            return (self.dead_letters.letter(message, error, attempts=error.tries),)
        except SetAside as error:
            return (self.dead_letters.letter(message, error, attempts=1),)
        self.dead_letters.good()
        return results

    async def deliver(self, results: Sequence[Outgoing], message: Incoming) -> None:
        """Send results; when the broker refuses them for good, the dead letter of their message instead."""
        if not results:
            return
        dead = topic_of(message)
        try:
            await self.patience.wait_for(lambda: self.delivery.send(results), about=about(message))
        except SetAside as error:
            letter = next((each for each in results if each.topic == dead), None)
            refused = letter or self.dead_letters.letter(message, error, attempts=1, refused=True)
            await self.bury(refused, message)
        else:
            if any(each.topic != dead for each in results):  # a dead letter that is taken is no good result
                self.dead_letters.good(result=True)

    async def bury(self, letter: Outgoing, message: Incoming) -> None:
        """Send a dead letter, without the bytes it holds when they are refused; nothing refuses for ever."""
        for form in (letter, shortest(letter)):
            try:
                await self.patience.wait_for(partial(self.delivery.send, (form,)), about=about(message))
            except SetAside:
                continue
            return
        self.dead_letters.refused(shortest(letter))

    def finish(self, message: Incoming) -> None:
        """Everything a message gave is safe."""
        self.window.finish(place_of(message), message.position.offset)
        self.measures.done(message.timestamp)


def place_of(message: Incoming) -> Place:
    return message.position.topic, message.position.partition


def about(message: Incoming) -> str:
    place = message.position
    return f"{place.topic}[{place.partition}]@{place.offset}"
