"""Pictures of an event: in the store before anybody can read of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from contracts.codec import decode
from contracts.messages.plate import PlateEvent
from contracts.topics import Topic
from processors.engine.drivers.ordered import OrderedDriver
from processors.engine.stage import Outgoing
from tests.processors.engine.fakes import Broker, Settled, a_desk
from tests.processors.passages.builders import Drive, a_street
from tests.processors.passages.fakes import EvidenceAway
from tests.processors.plates_stage import a_message, a_stage, with_pictures


@dataclass
class Looking(Broker):
    """Looks into the store for what each event names, at the moment at which it is sent."""

    evidence: EvidenceAway = field(default_factory=lambda: EvidenceAway(0))
    named: set[str] = field(default_factory=set)
    missing_then: set[str] = field(default_factory=set)

    async def send(self, messages: Sequence[Outgoing]) -> None:
        for event in [decode(PlateEvent, each.value) for each in messages if each.topic == Topic.PLATES]:
            proof = event.evidence
            assert proof is not None
            parts = (proof.frame, proof.vehicle, proof.plate, proof.reads)
            keys = {part.key for part in parts if part is not None}
            self.named |= keys
            self.missing_then |= keys - self.evidence.pictures.keys() - self.evidence.files.keys()
        await super().send(messages)


async def test_an_event_is_sent_once_all_that_it_names_is_stored_however_long_the_store_is_away() -> None:
    evidence = EvidenceAway(tries=5)
    broker = Looking(evidence=evidence)
    desk = a_desk(broker)
    driver = OrderedDriver(a_stage(evidence=evidence), desk, Settled())

    for offset, sighting in enumerate(with_pictures(a_street([Drive(text="MH12AB1234", starts_sec=0.0)]))):
        await driver.put(a_message(sighting, offset))
    assert await desk.window.settle(within_sec=30)

    given = [decode(PlateEvent, each.value) for each in broker.sent if each.topic == Topic.PLATES]
    assert [event.state for event in given] == ["preview", "final"]
    assert (evidence.tries, len(broker.named), broker.missing_then) == (0, 5, set())
