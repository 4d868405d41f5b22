"""Topics that exist: where their settings are not the contract's, and how they become so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from confluent_kafka import KafkaException
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from contracts.topics import TopicSpec
from deploy.local.parts.kafka_admin import ANSWER_WITHIN_SEC, admin_of, refusal

_NOT_TOLD = "not told"


@dataclass(frozen=True, slots=True)
class Differing:
    """One setting, as Kafka's admin interface names and writes it."""

    topic: str
    setting: str
    has: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.topic}: {self.setting} is {self.has}, the contract says {self.wanted}"


def differing_settings(kafka: str, topics: Sequence[TopicSpec]) -> list[Differing]:
    """In the order of the topics.

    Raises:
        TryAgain: the broker does not answer, or does not know one of them yet.
        Stop: it refuses to tell.
    """
    wanted = {str(topic.name): topic.settings() for topic in topics}
    if not wanted:
        return []
    admin = admin_of(kafka)
    asked = [ConfigResource(ResourceType.TOPIC, name) for name in wanted]
    found: list[Differing] = []
    for resource, answer in admin.describe_configs(asked, request_timeout=ANSWER_WITHIN_SEC).items():
        try:
            told = answer.result()
        except KafkaException as error:
            raise refusal(f"settings of topic {resource.name}", error) from error
        has = {setting: entry.value for setting, entry in told.items()}
        found += [
            Differing(resource.name, setting, has.get(setting, _NOT_TOLD), value)
            for setting, value in wanted[resource.name].items()
            if has.get(setting) != value
        ]
    return sorted(found, key=lambda each: [*wanted].index(each.topic))


def update_settings(kafka: str, differing: Sequence[Differing]) -> Iterator[Differing]:
    """Bring them to the contract's, topic by topic; gives each that was changed. All others stay as they are.

    Raises:
        TryAgain: the broker does not answer.
        Stop: it refuses one.
    """
    admin = admin_of(kafka)
    for topic, settings in groupby(differing, key=lambda each: each.topic):
        changed = list(settings)
        entries = [
            ConfigEntry(each.setting, each.wanted, incremental_operation=AlterConfigOpType.SET)
            for each in changed
        ]
        asked = [ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries)]
        [answer] = admin.incremental_alter_configs(asked, request_timeout=ANSWER_WITHIN_SEC).values()
        try:
            answer.result()
        except KafkaException as error:
            raise refusal(f"settings of topic {topic}", error) from error
        yield from changed
