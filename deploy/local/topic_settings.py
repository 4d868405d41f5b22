"""Topics that exist: where their settings are not the contract's, and how they become so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from contracts.errors import Stop, TryAgain
from contracts.topics import ALL_TOPICS, TopicSpec

_ANSWER_WITHIN_SEC = 30.0
_ERRORS_ONLY = 3  # syslog level of the client library
# A broker learns of a topic a little later than the one that made it.
_LATER = (KafkaError._TIMED_OUT, KafkaError._TRANSPORT, KafkaError.UNKNOWN_TOPIC_OR_PART)  # noqa: SLF001 (librdkafka's own names)


@dataclass(frozen=True, slots=True)
class Differing:
    """One setting, as Kafka's admin interface names and writes it."""

    topic: str
    setting: str
    has: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.topic}: {self.setting} is {self.has}, the contract says {self.wanted}"


def differing_settings(kafka: str, topics: Sequence[TopicSpec] = ALL_TOPICS) -> list[Differing]:
    """In the order of the topics.

    Raises:
        TryAgain: the broker does not answer, or does not know one of them yet.
        Stop: it refuses to tell.
    """
    wanted = {str(topic.name): topic.settings() for topic in topics}
    if not wanted:
        return []
    asked = [ConfigResource(ResourceType.TOPIC, name) for name in wanted]
    admin = _admin(kafka)  # has to live until it has answered
    answers = admin.describe_configs(asked, request_timeout=_ANSWER_WITHIN_SEC)
    has = {resource.name: _told(resource.name, answer) for resource, answer in answers.items()}
    return [
        Differing(topic, setting, has[topic][setting].value, value)
        for topic, settings in wanted.items()
        for setting, value in settings.items()
        if has[topic][setting].value != value
    ]


def update_settings(kafka: str, differing: Sequence[Differing]) -> None:
    """Bring them to the contract's; what the contract says nothing of stays as it is.

    Raises:
        TryAgain: the broker does not answer.
        Stop: it refuses one.
    """
    by_topic: dict[str, list[ConfigEntry]] = {}
    for each in differing:
        entry = ConfigEntry(each.setting, each.wanted, incremental_operation=AlterConfigOpType.SET)
        by_topic.setdefault(each.topic, []).append(entry)
    if not by_topic:
        return
    asked = [
        ConfigResource(ResourceType.TOPIC, name, incremental_configs=entries)
        for name, entries in by_topic.items()
    ]
    admin = _admin(kafka)  # has to live until it has answered
    answers = admin.incremental_alter_configs(asked, request_timeout=_ANSWER_WITHIN_SEC)
    for resource, answer in answers.items():
        _told(resource.name, answer)


def _admin(kafka: str) -> AdminClient:
    return AdminClient({"bootstrap.servers": kafka, "log_level": _ERRORS_ONLY})


def _told(topic: str, answer: Future[Mapping[str, ConfigEntry] | None]) -> Mapping[str, ConfigEntry]:
    try:
        return answer.result() or {}
    except KafkaException as error:
        if error.args[0].code() in _LATER:
            raise TryAgain("kafka", f"settings of topic {topic}: {error.args[0].str()}") from error
        raise Stop(f"settings of topic {topic}: {error.args[0].str()}") from error
