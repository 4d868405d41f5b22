"""Looking into the topics of a stack that may be ended meanwhile."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from typing import cast

import pytest
from confluent_kafka import OFFSET_INVALID, Consumer, TopicPartition

from contracts.errors import Stop
from contracts.topics import ALL_TOPICS
from deploy.measure.flow import wait_until_drained
from deploy.measure.log import LogReader

NOWHERE = "127.0.0.1:1"


class Ended:
    """Goes on for so many questions, then says that the stack was ended."""

    def __init__(self, *, after: int) -> None:
        self.left = after

    def __call__(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Stop("the stack was ended from outside")


@pytest.mark.parametrize("after", [0, 1])
def test_waiting_for_stages_ends_with_the_stack_and_not_with_the_patience_for_its_broker(after: int) -> None:
    since: dict[str, dict[int, int]] = {spec.name: {} for spec in ALL_TOPICS}
    began_sec = time.monotonic()
    with closing(LogReader(NOWHERE, goes_on=Ended(after=after))) as log, pytest.raises(Stop, match="outside"):
        wait_until_drained(log, since, within_sec=90, stopping=threading.Event())
    assert time.monotonic() - began_sec < 30


class Committed:
    """What a group has acknowledged of each partition."""

    def __init__(self, *offsets: int) -> None:
        self._offsets = offsets

    def committed(self, places: list[TopicPartition], *, timeout: float) -> list[TopicPartition]:
        return [TopicPartition(each.topic, each.partition, self._offsets[each.partition]) for each in places]

    def close(self) -> None:
        pass


def test_a_partition_whose_end_went_back_hides_nothing_that_waits_in_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with closing(LogReader(NOWHERE)) as log:
        monkeypatch.setattr(log, "ends", lambda _topic: {0: 5, 1: 5, 2: 5})
        log._of_group["rows"] = cast("Consumer", Committed(12, 3, OFFSET_INVALID))
        assert log.lag("rows", "plates.enriched", since={}) == 2 + 5
        assert log.lag("rows", "plates.enriched", since={0: 9, 1: 4, 2: 5}) == 1
