"""Kafka's address -> does it answer, and has each stage finished what lies on a partition."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from confluent_kafka import ConsumerGroupState, ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import OffsetSpec

from contracts.errors import TryAgain
from contracts.messages.common import LogPosition
from contracts.topics import Topic
from webapp.threads import in_thread
from webapp.uploads.stages import STAGES, StageState

_ANSWER_SEC = 2.0


class KafkaReach:
    """Asks the broker small questions through one admin client."""

    def __init__(self, kafka: str) -> None:
        self._kafka = kafka
        self._client: AdminClient | None = None
        self._lock = threading.Lock()

    def answers(self) -> bool:
        """Whether any broker gives its metadata within two seconds."""
        return in_thread(self._answers)

    def stages(self, *, frame: LogPosition) -> Mapping[str, StageState]:
        """How far every stage is with a frame and with what follows from it.

        All topics of the flow are keyed by camera and have as many partitions, so what follows from a
        frame stays on the frame's own partition number.

        Raises:
            TryAgain: Kafka does not answer.
        """
        return in_thread(lambda: self._stages(frame))

    def _answers(self) -> bool:
        try:
            return bool(self._connected().list_topics(timeout=_ANSWER_SEC).brokers)
        except KafkaException:
            return False

    def _stages(self, frame: LogPosition) -> Mapping[str, StageState]:
        client = self._connected()
        try:
            ends = self._ends(client, frame.partition)
            groups = client.describe_consumer_groups(
                [stage.group for stage in STAGES], request_timeout=_ANSWER_SEC
            )
            found = {}
            for stage in STAGES:
                done = self._committed(client, stage.group, stage.reads, frame.partition)
                wanted = frame.offset + 1 if stage.reads == frame.topic else ends[stage.reads]
                found[stage.name] = StageState(
                    running=_has_members(groups[stage.group]), caught_up=done >= wanted
                )
        except (KafkaException, TimeoutError) as error:
            raise TryAgain("kafka", "it does not tell how far the stages are") from error
        return found

    def _ends(self, client: AdminClient, partition: int) -> dict[str, int]:
        places = {
            TopicPartition(topic.value, partition): OffsetSpec.latest()  # type: ignore[no-untyped-call]
            for topic in (Topic.SIGHTINGS, Topic.PLATES, Topic.PLATES_ENRICHED)
        }
        answers = client.list_offsets(places, request_timeout=_ANSWER_SEC)
        return {place.topic: answer.result().offset for place, answer in answers.items()}

    def _committed(self, client: AdminClient, group: str, topic: str, partition: int) -> int:
        wanted = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, partition)])
        answer = client.list_consumer_group_offsets([wanted], request_timeout=_ANSWER_SEC)[group].result()
        return max((place.offset for place in answer.topic_partitions or ()), default=-1)

    def _connected(self) -> AdminClient:
        with self._lock:
            if self._client is None:
                self._client = AdminClient({"bootstrap.servers": self._kafka, "log_level": 2})
            return self._client


def _has_members(answer: Future[Any]) -> bool:
    try:
        group = answer.result()
    except KafkaException:
        # A group that never was is a stage that never ran.
        return False
    return bool(group.state != ConsumerGroupState.DEAD and group.members)
