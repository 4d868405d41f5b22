"""Up to which offset all results have been given out: kept in Kafka, by whoever has the partition."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from confluent_kafka import Producer

from contracts.errors import TryAgain
from contracts.topics import LOSES_NOTHING
from deploy.local.ports import HOST, free_ports
from processors.engine.reading.settled import KafkaSettledOffsets
from processors.engine.window import Place


@pytest.fixture
def place(kafka: str, fresh_topic: Callable[..., str]) -> Place:
    """A partition with 600 messages."""
    topic = fresh_topic("settled", partitions=1)
    producer = Producer({"bootstrap.servers": kafka, **LOSES_NOTHING})
    for _ in range(600):
        producer.produce(topic, b"", partition=0)
    assert producer.flush(20) == 0
    return topic, 0


@pytest.fixture
async def worker(kafka: str, place: Place) -> AsyncIterator[Callable[[], KafkaSettledOffsets]]:
    opened: list[KafkaSettledOffsets] = []

    def one_more() -> KafkaSettledOffsets:
        opened.append(KafkaSettledOffsets(kafka, f"group-of-{place[0]}"))
        return opened[-1]

    yield one_more
    for each in opened:
        await each.close()


async def test_what_one_worker_settled_the_next_one_reads(
    worker: Callable[[], KafkaSettledOffsets], place: Place
) -> None:
    first, second = worker(), worker()
    assert await first.read(place) == 0
    await first.write({place: 103})
    assert await second.read(place) == 103
    await second.write({place: 500})
    assert await worker().read(place) == 500


async def test_a_worker_that_was_cut_off_takes_nothing_back_from_the_one_after_it(
    worker: Callable[[], KafkaSettledOffsets], place: Place
) -> None:
    cut_off, successor = worker(), worker()
    await cut_off.write({place: 90})
    await successor.read(place)
    await successor.write({place: 500})

    await cut_off.write({place: 103})

    assert await successor.read(place) == 500
    await successor.write({place: 520})
    assert await worker().read(place) == 520


async def test_what_was_settled_beyond_the_end_of_the_log_is_of_another_log(
    worker: Callable[[], KafkaSettledOffsets], place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    before, after = worker(), worker()
    await before.write({place: 9000})

    assert await after.read(place) == 0
    assert f"{place[0]}[0] ends before 9000" in caplog.text
    await after.write({place: 30})
    assert await worker().read(place) == 30


async def test_while_the_broker_is_away_the_caller_is_told_to_try_again() -> None:
    settled = KafkaSettledOffsets(f"{HOST}:{free_ports(['nobody'])['nobody']}", "group")
    with pytest.raises(TryAgain):
        await settled.read(("sightings", 0))
    with pytest.raises(TryAgain):
        await settled.write({("sightings", 0): 1})
