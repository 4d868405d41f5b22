"""Kafka's address -> does it answer, and has each stage finished what lies on a partition."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from contracts.errors import TryAgain
from contracts.messages.common import LogPosition
from webapp.threads import Busy, Threads, real_lock
from webapp.uploads.stages import STAGES, Stage, StageState

_ANSWER_SEC = 2.0
_MOST_WAITING = 32


class KafkaReach:
    """Asks the broker small questions, one at a time, only by calls that wait inside librdkafka.

    The admin client's other answers are futures whose locks gevent has replaced: they must not be used here.
    """

    def __init__(self, kafka: str) -> None:
        self._kafka = kafka
        self._lock = real_lock()
        self._threads = Threads("asking of kafka", count=1, most=_MOST_WAITING)
        self._admin: AdminClient | None = None
        self._places: dict[str, Consumer] = {}

    def answers(self) -> bool:
        """Whether any broker gives its metadata within two seconds."""
        try:
            return self._threads.run(self._answers)
        except Busy:
            return False

    def stages(self, *, frame: LogPosition) -> Mapping[str, StageState]:
        """How far every stage is with a frame and with what follows from it.

        All topics of the flow are keyed by camera and have as many partitions, so what follows from a
        frame stays on the frame's own partition number.

        Raises:
            TryAgain: Kafka does not answer, or is asked too much at once.
        """
        return self._threads.run(lambda: self._stages(frame))

    def _answers(self) -> bool:
        with self._lock:
            try:
                return bool(self._client().list_topics(timeout=_ANSWER_SEC).brokers)
            except KafkaException:
                return False

    def _stages(self, frame: LogPosition) -> Mapping[str, StageState]:
        with self._lock:
            try:
                return {stage.name: self._stage(stage, frame) for stage in STAGES}
            except KafkaException as error:
                raise TryAgain("kafka", "it does not tell how far the stages are") from error

    def _stage(self, stage: Stage, frame: LogPosition) -> StageState:
        reader = self._reader(stage.group)
        place = TopicPartition(stage.reads, frame.partition)
        if stage.reads == frame.topic:
            wanted = frame.offset + 1
        else:
            _, wanted = reader.get_watermark_offsets(place, timeout=_ANSWER_SEC)
        done = reader.committed([place], timeout=_ANSWER_SEC)[0].offset
        # Nothing committed yet is a negative number; nothing to do yet is no sign of having done it.
        return StageState(running=self._has_members(stage.group), caught_up=done >= max(wanted, 1))

    def _has_members(self, group: str) -> bool:
        with warnings.catch_warnings():
            # What replaces this call answers by futures. `_lock` keeps a second thread out of the filters.
            warnings.filterwarnings("ignore", message=r"list_groups\(\) is deprecated")
            groups = self._client().list_groups(group, timeout=_ANSWER_SEC)
        return any(found.members for found in groups)

    def _client(self) -> AdminClient:
        if self._admin is None:
            self._admin = AdminClient({"bootstrap.servers": self._kafka, "log_level": 2})
        return self._admin

    def _reader(self, group: str) -> Consumer:
        """A consumer that never joins its group: it only asks for the group's place."""
        if group not in self._places:
            self._places[group] = Consumer(
                {
                    "bootstrap.servers": self._kafka,
                    "group.id": group,
                    "enable.auto.commit": False,
                    "log_level": 2,
                }
            )
        return self._places[group]
