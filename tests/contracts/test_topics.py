"""Topics: one list, each with a dead-letter topic."""

from __future__ import annotations

from contracts.topics import ALL_TOPICS, MAX_MESSAGE_BYTES, Topic


def test_every_topic_is_created_with_a_dead_letter_topic() -> None:
    names = [spec.name for spec in ALL_TOPICS]
    assert len(names) == len(set(names))
    live = set(Topic) - {Topic.PLATES_PARKED, Topic.PLATES_REPLAY}
    assert {topic.value for topic in Topic} | {topic.dead for topic in live} == set(names)


def test_topics_that_feed_one_another_by_camera_have_the_same_number_of_partitions() -> None:
    assert len({spec.partitions for spec in ALL_TOPICS if not spec.name.endswith(".dead")}) == 1


def test_every_topic_takes_the_largest_message() -> None:
    assert {spec.settings()["max.message.bytes"] for spec in ALL_TOPICS} == {str(MAX_MESSAGE_BYTES)}
