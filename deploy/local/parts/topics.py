"""Creates the topics that `contracts.topics` lists; those that exist stay as they are, and where they have
other settings is told. Run as a process."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Collection, Mapping, Sequence

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from contracts.errors import Stop, TryAgain
from contracts.topics import ALL_TOPICS, TopicSpec
from deploy.local.parts.kafka_admin import ANSWER_WITHIN_SEC, admin_of, refusal
from deploy.local.parts.topic_settings import Differing, differing_settings

log = logging.getLogger(__name__)


def create_topics(kafka: str, topics: Sequence[TopicSpec] = ALL_TOPICS, *, replicas: int = 1) -> list[str]:
    """Names of those that were missing.

    Raises:
        TryAgain: the broker does not answer.
        Stop: a topic exists with another number of partitions, or the broker refuses it.
    """
    admin = admin_of(kafka)
    try:
        existing = admin.list_topics(timeout=ANSWER_WITHIN_SEC).topics
    except KafkaException as error:
        raise TryAgain("kafka", f"{kafka}: {error.args[0].str()}") from error
    for topic in topics:
        known = existing.get(topic.name)
        if known is not None and len(known.partitions) != topic.partitions:
            have = len(known.partitions)
            raise Stop(
                f"topic {topic.name} has {have} partitions, {topic.partitions} are needed for its keys"
            )
    missing = [topic for topic in topics if topic.name not in existing]
    return [topic.name for topic in missing if created(admin, topic, replicas)]


def created(admin: AdminClient, topic: TopicSpec, replicas: int) -> bool:
    """False when another process made it in the same moment."""
    wanted = NewTopic(topic.name, topic.partitions, replicas, config=topic.settings())
    answer = admin.create_topics([wanted], request_timeout=ANSWER_WITHIN_SEC)[topic.name]
    try:
        answer.result()
    except KafkaException as error:
        if error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
            return False
        raise refusal(f"topic {topic.name}", error) from error
    return True


def differing_beside(kafka: str, made: Collection[str]) -> list[Differing]:
    """Settings of the topics that were there before those just `made`.

    Raises:
        TryAgain, Stop: the broker does not tell.
    """
    return differing_settings(kafka, [topic for topic in ALL_TOPICS if topic.name not in made])


def _broker(environment: Mapping[str, str]) -> str:
    if not environment.get("PLATESTREAM_KAFKA"):
        raise Stop("PLATESTREAM_KAFKA, the address of the broker, is not set")
    return environment["PLATESTREAM_KAFKA"]


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        kafka = _broker(os.environ)
        made = create_topics(kafka)
    except (Stop, TryAgain) as error:
        log.error("%s", error)  # noqa: TRY400 (one line for people; the cause is in it)
        return 1
    log.info("topics made: %s", ", ".join(made) or "none, all were there")
    try:
        for each in differing_beside(kafka, made):
            log.info("%s; `platestream topics --update` changes it", each)
    except (Stop, TryAgain) as error:  # the stages can do without
        log.warning("whether topics have the contract's settings is not known: %s", error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
